package strictjson

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestHostile(t *testing.T) {
	content := []byte(`{"a":[1.5e3,-2,{"b":null}],"c":"\ud83d\ude00\n","d":[true,false,[[]]]}`)
	parse := func(b []byte) error {
		_, _, err := Parse(b, Options{}, 10_000)
		_, _, _ = Parse(b, Options{Python: true}, 10_000)
		return err
	}
	hostiletest.Truncate(t, content, nil, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
