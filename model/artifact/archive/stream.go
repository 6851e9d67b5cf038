package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/scan"
)

// stream hands the content of a compressed file to the engine, and what follows it.
func stream(ctx context.Context, f scan.File, format archive.Format, j *judge) error {
	st, err := archive.OpenStream(format, f, f.Size(), archive.Limits{})
	if err != nil {
		j.undecodable(f.Ref(), "", err)
		return nil
	}
	defer st.Close()
	ref := f.Ref().Join(asset.Step{Kind: asset.Stream, Name: format.Name})
	t := &tee{r: st, h: sha256.New()}
	err = j.sink.Derive(scan.Derived{Ref: ref, Hint: hintOf(f), Body: t})
	if err := ctx.Err(); err != nil {
		return err
	}
	if errors.Is(err, scan.ErrBudget) {
		j.bomb(f.Ref(), "", err)
		return nil
	}
	if t.err == nil {
		limit := budget(f.Size())
		if n, _ := io.Copy(io.Discard, io.LimitReader(t, limit)); n == limit {
			j.bomb(f.Ref(), "", fmt.Errorf("%s: expands to more than its budget: %w", ref, scan.ErrBudget))
			return nil
		}
	}
	if t.err != io.EOF {
		j.undecodable(f.Ref(), "", t.err)
	}
	j.anomalies(f.Ref(), "", st.Anomalies(), true)
	for _, a := range st.Anomalies() {
		if a.Kind != archive.KindTrailing {
			continue
		}
		rest := asset.Step{Kind: asset.Stream, Name: "trailing"}
		err := j.sink.Derive(scan.Derived{Ref: f.Ref().Join(rest), Body: io.NewSectionReader(f, a.Offset, f.Size()-a.Offset)})
		if errors.Is(err, scan.ErrBudget) {
			j.bomb(f.Ref(), "", err)
		}
	}
	return nil
}

// hintOf passes on what is known about the file.
func hintOf(f scan.File) string {
	if h, ok := f.(scan.Hinter); ok {
		return h.Hint()
	}
	return ""
}
