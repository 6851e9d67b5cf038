package torchzip

import (
	"context"
	"errors"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// legacyPickles is how many pickles precede the storages: magic number, protocol
// version, system information, the object, keys of the storages.
const legacyPickles = 5

// legacy checks that the storages behind the pickles of an old file fill it exactly.
func legacy(ctx context.Context, f scan.File, s *scan.Sink) error {
	j := &judge{sink: s, file: f, verdict: asset.OK}
	defer j.close("torch-legacy")
	st := newStorages()
	off := int64(0)
	for range legacyPickles {
		r := st.run(ctx, f, off, f.Size())
		if err := ctx.Err(); err != nil {
			return err
		}
		if !r.Stopped {
			j.verdict = j.verdict.Worst(asset.Failed)
			return errors.New("the file ends before the five pickles that torch.save writes; get it again from its publisher")
		}
		off = r.End
	}
	return st.fill(j, off)
}

// fill checks that the storages, each after its number of elements in 8 bytes, fill
// the file from off on.
func (s *storages) fill(j *judge, off int64) error {
	want, have := off, j.file.Size()
	for _, key := range s.order {
		size := s.sizes[key]
		if size < 0 {
			return nil // an unknown type: where it ends is not known
		}
		if want += 8 + size; size > have || want > have {
			want = have + 1
			break
		}
	}
	if want == have {
		return nil
	}
	x := finding.Finding{Rule: ruleStorage, Locations: []finding.Location{finding.AtOffset(j.file.Ref(), min(want, have))}, Key: "legacy"}
	if want < have {
		x.Message = "the file has more bytes than the storages that the model names"
		j.verdict = j.verdict.Worst(asset.Unverified)
		j.sink.Report(x)
		return nil
	}
	x.Message = "the file is shorter than the storages that the model names"
	j.verdict = j.verdict.Worst(asset.Failed)
	j.sink.Report(x)
	return errors.New("the file ends inside of the storages; get it again from its publisher")
}
