package tflite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/flatbuf"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/tensorflow"
)

// registered are the custom operators that TensorFlow Lite's own resolver has
// (tensorflow/lite/core/kernels/register.cc).
var registered = map[string]bool{"NumericVerify": true, "Mfcc": true, "AudioSpectrogram": true, "TFLite_Detection_PostProcess": true}

// maxOptions is how many bytes of the options of a custom operator are read.
const maxOptions = 1 << 20

// callOptions are the tables of options that name subgraphs, with their fields.
var callOptions = map[uint8][]int{
	16:  {0},    // CallOptions.subgraph
	92:  {0, 1}, // IfOptions: then, else
	93:  {0, 1}, // WhileOptions: cond, body
	103: {0},    // CallOnceOptions.init_subgraph_index
}

func (j *judge) operator(op flatbuf.Table, k int, g int32, tensors int) {
	who := fmt.Sprintf("operator %d of subgraph %d", k, g)
	j.indices(op.Vector(1, 4), tensors, who)
	j.indices(op.Vector(2, 4), tensors, who)
	j.indices(op.Vector(8, 4), tensors, who)
	index := op.U32(0)
	if j.b.Err() == nil && int64(index) >= int64(j.codes.Len) {
		j.broken(ruleIndex, who, op.At, "%s has operator code %d of %d", who, index, j.codes.Len)
		return
	}
	number, custom := code(j.codes.Table(int(index)))
	if j.b.Err() != nil {
		return
	}
	if off, n := op.U64(9), op.U64(10); off > 0 && (off > uint64(j.b.Size()) || n > uint64(j.b.Size())-off) {
		j.broken(ruleIndex, who, op.At, "%s has options of %d bytes at %d, the file has %d", who, n, off, j.b.Size())
	}
	j.call(op, who, g)
	switch {
	case number == opCustom && strings.HasPrefix(custom, "Flex"):
		j.flex(op, custom, who)
	case number == opCustom && registered[custom]:
	case number == opCustom:
		j.once(custom, asset.Unverified, ruleCustom, op.At, "Custom operator %q (%s).", verdict.Show(custom), who)
	case number == opDelegate:
		j.once("delegate", asset.Unverified, ruleOpaque, op.At, "%s is a delegate's.", who)
	case number == opStableHLOCustomCall:
		name := op.Table(12).String(0, 256)
		j.once("stablehlo "+name, asset.Unverified, ruleCustom, op.At, "StableHLO custom call %q (%s).", verdict.Show(name), who)
	case operators()[number] == "":
		j.once(strconv.Itoa(int(number)), asset.Unverified, ruleCustom, op.At, "Built-in operator %d is not known (%s).", number, who)
	}
}

// code returns the number of an operator code, and its name if it is a custom one.
func code(t flatbuf.Table) (int32, string) {
	number := max(int32(int8(t.U8(0))), t.I32(3)) // the first field ran out of numbers
	if number == opCustom {
		return number, t.String(1, 256)
	}
	return number, ""
}

// once reports an operator where it is first met.
func (j *judge) once(key string, v asset.Verdict, rule string, off int64, format string, args ...any) {
	if j.seen[rule+key] {
		return
	}
	if len(j.seen) < maxGraphs {
		j.seen[rule+key] = true
	}
	j.report(v, rule, key, off, format, args...)
}

// call notes which subgraphs an operator runs.
func (j *judge) call(op flatbuf.Table, who string, g int32) {
	fields, ok := callOptions[op.U8(3)]
	if !ok {
		return
	}
	t := op.Table(4)
	for _, field := range fields {
		to := t.I32(field)
		if to < 0 || int(to) >= j.graphs.Len {
			if j.b.Err() == nil {
				j.broken(ruleIndex, who, op.At, "%s runs subgraph %d of %d", who, to, j.graphs.Len)
			}
			continue
		}
		if len(j.calls) < maxGraphs && !slices.Contains(j.calls[g], to) && len(j.calls[g]) < 1000 {
			j.calls[g] = append(j.calls[g], to)
		}
	}
}

// flex judges an operation of TensorFlow. Its options are a FlexBuffer of the
// operation's name and a NodeDef, and the NodeDef is what runs.
func (j *judge) flex(op flatbuf.Table, custom, who string) {
	v := op.Vector(5, 1)
	if v.Len > maxOptions {
		j.once(custom, asset.Unverified, ruleCustom, op.At, "%s of %s has options of %d bytes.", verdict.Show(custom), who, v.Len)
		return
	}
	names := []string{strings.TrimPrefix(custom, "Flex")}
	parts, err := flatbuf.FlexStrings(v.Bytes(maxOptions))
	if err != nil || len(parts) != 2 {
		j.once(custom, asset.Unverified, ruleCustom, op.At, "The operation behind %q cannot be read (%s).", verdict.Show(custom), who)
	} else {
		names = append(names, parts[0], nodeOp(parts[1]))
	}
	for _, name := range slices.Compact(names) {
		defined, does := tensorflow.Operation(name)
		switch {
		case does != "":
			j.once(custom+name, asset.Malicious, ruleFlex, op.At, "TensorFlow operation %q %s (%s).", verdict.Show(name), does, who)
		case !defined:
			j.once(custom+name, asset.Unverified, ruleCustom, op.At, "TensorFlow does not define the operation %q (%s).", verdict.Show(name), who)
		}
	}
}

// nodeOp returns the operation of a serialized NodeDef: its field 2, of which the last
// counts.
func nodeOp(b string) string {
	op := ""
	for rest := []byte(b); len(rest) > 0; {
		num, typ, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return ""
		}
		m := protowire.ConsumeFieldValue(num, typ, rest[n:])
		if m < 0 {
			return ""
		}
		if num == 2 && typ == protowire.BytesType {
			s, _ := protowire.ConsumeBytes(rest[n:])
			op = string(s)
		}
		rest = rest[n+m:]
	}
	return op
}
