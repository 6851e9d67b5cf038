package ubjson_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
	"github.com/merlon-security/merlon/engine/ubjson"
)

func TestHostile(t *testing.T) {
	content := []byte("{U\x01a[$d#U\x02\x3f\x80\x00\x00\xbf\x00\x00\x00U\x01bSU\x02hiU\x01c[i\x05TF]}")
	parse := func(b []byte) error {
		var out strings.Builder
		return render(ubjson.New(bytes.NewReader(b), int64(len(b))), &out)
	}
	hostiletest.Truncate(t, content, nil, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
