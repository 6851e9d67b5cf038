package torchscript

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/merlon-security/merlon/engine/pickle/graph"
)

var errPickle = errors.New("not the plain pickle that PyTorch writes")

// readBytecode adds the functions of a bytecode.pkl (torch/csrc/jit/serialization/
// export_bytecode.cpp): (version, (name, (("instructions", ...), ("operators",
// ((name, overload, ...), ...)), ...), ...), ...).
func (p *program) readBytecode(b []byte, file string) error {
	res, err := graph.Read(bytes.NewReader(b), graph.Options{End: int64(len(b))})
	if err != nil {
		return err
	}
	root := res.Root
	switch {
	case res.Dropped:
		return fmt.Errorf("more values than are looked at: %w", errPickle)
	case len(root.Items) == 0 || root.Items[0].Kind != graph.Int:
		return fmt.Errorf("does not begin with its version: %w", errPickle)
	}
	for _, fn := range root.Items[1:] {
		if len(fn.Items) < 2 || fn.Items[0].Kind != graph.Str {
			return fmt.Errorf("an entry is no function: %w", errPickle)
		}
		name := fn.Items[0].Text
		p.defs++
		if len(p.functions) < maxFunctions {
			p.functions = append(p.functions, name)
		}
		for _, table := range fn.Items[1].Items {
			if len(table.Items) != 2 || table.Items[0].Text != "operators" {
				continue
			}
			for _, op := range table.Items[1].Items {
				if len(op.Items) == 0 || op.Items[0].Kind != graph.Str {
					return fmt.Errorf("function %q: an operator without a name: %w", name, errPickle)
				}
				p.bytecodeOperator(op.Items[0].Text, file, name)
			}
		}
	}
	return nil
}

func (p *program) bytecodeOperator(op, file, in string) {
	if _, known := p.ops[op]; known || len(p.ops) < maxOps {
		p.ops[op]++
	}
	if hostOps[op] != "" && len(p.host) < maxMentions {
		p.host = append(p.host, mention{op: op, file: file, in: in})
	}
}
