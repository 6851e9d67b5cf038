package torchzip

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/scan"
)

// Storage is where the numbers of tensors lie in what torch.save writes.
type Storage struct {
	Member string // its name
	Class  string // FloatStorage and the like; "" where several pickles say different things
	Offset int64  // bytes from the start of the file
	Size   int64  // bytes
}

// Data lists the storages of a file that torch.save or torch.jit.save wrote; ok is
// false for any other. Storages that were compressed, or are in the order of big-endian
// machines, are an error: PyTorch writes neither on the machines of today.
func Data(ctx context.Context, f scan.File) (list []Storage, ok bool, err error) {
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
	if err != nil {
		return nil, false, ctx.Err()
	}
	l := lay(z.Members())
	if len(l.pickles) == 0 {
		return nil, false, nil
	}
	for _, a := range z.Anomalies() {
		if a.Kind == archive.KindNoDirectory {
			return nil, true, fmt.Errorf("the zip is not whole: %s", a.Detail)
		}
	}
	member := map[string]int{}
	for i := range z.Members() {
		member[z.Members()[i].Name] = i
	}
	seen := map[string]int{}
	for _, i := range l.pickles {
		m := &z.Members()[i]
		st, err := named(ctx, z, i)
		if err != nil || ctx.Err() != nil {
			return nil, true, err
		}
		if st == nil {
			continue
		}
		root := strings.TrimSuffix(m.Name, m.Name[max(0, len(m.Name)-len("data.pkl")):])
		if k, ok := member[root+"byteorder"]; ok {
			if s := z.Section(k); s != nil && s.Size() == 3 {
				var b [3]byte
				if _, err := s.ReadAt(b[:], 0); (err == nil || err == io.EOF) && string(b[:]) == "big" {
					return nil, true, fmt.Errorf("%s: big-endian weights are not looked into", m.Name)
				}
			}
		}
		for _, key := range st.order {
			name := root + "data/" + key
			k, ok := member[name]
			if !ok {
				return nil, true, fmt.Errorf("storage %s is not in the file", show(name))
			}
			if at, again := seen[name]; again {
				if list[at].Class != st.class[key] {
					list[at].Class = ""
				}
				continue
			}
			x := &z.Members()[k]
			if z.Section(k) == nil {
				return nil, true, fmt.Errorf("storage %s is compressed and is not looked into", show(name))
			}
			have := max(0, min(x.Packed, f.Size()-x.Offset))
			if want := st.sizes[key]; want >= 0 && want != have {
				return nil, true, fmt.Errorf("storage %s has %d bytes, the model says %d", show(name), have, want)
			}
			seen[name] = len(list)
			list = append(list, Storage{name, st.class[key], x.Offset, have})
		}
	}
	return list, true, nil
}
