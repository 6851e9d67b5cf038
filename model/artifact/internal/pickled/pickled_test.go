package pickled

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/pickle/graph"
)

func read(t testing.TB, in string) *graph.Result {
	t.Helper()
	r, err := Read(strings.NewReader(in), 0, int64(len(in)))
	if err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	return r
}

const (
	f8  = "cnumpy\ndtype\n(S'f8'\ntR(K\x03S'<'\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
	obj = "cnumpy\ndtype\n(S'O8'\ntR(K\x03S'|'\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
)

// array is what NumPy writes for an array with this shape.
func arrayOf(shape, dtype string) string {
	return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(K\x01" + shape + dtype + "I0\nS''\ntb"
}

// wrapped is what joblib writes for one; its data follow.
func wrapped(shape, dtype string) string {
	return "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(S'shape'\n" + shape + "S'dtype'\n" + dtype + "ub"
}

func TestTensors(t *testing.T) {
	storage := func(class string) string { return "(S'storage'\nctorch\n" + class + "\nS'0'\nS'cpu'\nK\x06tQ" }
	torch := func(fn, args string) string { return "ctorch._utils\n" + fn + "\n(" + args + "tR" }
	dense := torch("_rebuild_tensor_v2", storage("FloatStorage")+"K\x00K\x02K\x03\x86K\x03K\x01\x86\x89N")
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"array", arrayOf("K\x02K\x03\x86", f8) + ".", []string{" <f8 [2 3] 48"}},
		{"in a dict", "}(S'a'\n](" + arrayOf("K\x02\x85", f8) + "eK\x05" + arrayOf(")", f8) + "u.", []string{"a.0 <f8 [2] 16", "5 <f8 [] 8"}},
		{"attribute", "ca\nC\n)\x81}S'w'\n" + arrayOf("K\x00\x85", f8) + "sb.", []string{"w <f8 [0] 0"}},
		{"slots", "ca\nC\n)\x81N}S'w'\n" + arrayOf("K\x01\x85", f8) + "s\x86b.", []string{"w <f8 [1] 8"}},
		{"argument", "ca\nC\n(" + arrayOf("K\x01\x85", f8) + "tR.", []string{"args.0 <f8 [1] 8"}},
		{"shared", arrayOf("K\x01\x85", f8) + "q\x00h\x00\x86.", []string{"0 <f8 [1] 8", "1 <f8 [1] 8"}},
		{"joblib", wrapped("K\x02\x85", f8) + "0123456789abcdef.", []string{" <f8 [2] 16"}},
		{"joblib, data like opcodes", "](" + wrapped("K\x01\x85", f8) + "........" + wrapped("K\x01\x85", f8) + "((((((((e.", []string{"0 <f8 [1] 8", "1 <f8 [1] 8"}},
		{"joblib, objects", wrapped("K\x01\x85", obj) + arrayOf("K\x01\x85", obj+"]("+arrayOf("K\x02\x85", f8)+"e0") + "..", []string{" |O [1] 0"}},
		{"tensor", dense + ".", []string{" float32 [2 3] 24"}},
		{"parameter", torch("_rebuild_parameter", dense+"\x88N") + ".", []string{" float32 [2 3] 24"}},
		{"type of its own", "ctorch._utils\n_rebuild_tensor_v3\n(" + storage("UntypedStorage") + "K\x00K\x04\x85K\x01\x85\x89N" + "ctorch\nfloat8_e8m0fnu\ntR.", []string{" float8_e8m0fnu [4] 4"}},
		{"sparse", torch("_rebuild_sparse_tensor", "N("+dense+dense+"K\x09K\x09\x86t") + ".", []string{" float32 [9 9] 48"}},
		// What does not hold together is no array.
		{"negative shape", arrayOf("J\xff\xff\xff\xff\x85", f8) + ".", nil},
		{"shape beyond all bounds", arrayOf("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", f8) + ".", nil},
		{"product beyond all bounds", arrayOf("J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x87", f8) + ".", nil},
		{"unknown type", arrayOf("K\x01\x85", "cnumpy\ndtype\n(S'q9'\ntR") + ".", nil},
		{"huge item", arrayOf("J\xff\xff\xff\x7f\x85", "cnumpy\ndtype\n(S'V999999999999999'\ntR") + ".", []string{" |V0 [2147483647] 0"}},
		{"no storage", torch("_rebuild_tensor_v2", "NK\x00K\x02\x85K\x01\x85\x89N") + ".", nil},
		{"circular", "]q\x00h\x00a.", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tensors, omitted := Tensors(read(t, tt.in).Root)
			var got []string
			for _, x := range tensors {
				got = append(got, fmt.Sprintf("%s %s %v %d", x.Name, x.DType, x.Shape, x.Bytes))
			}
			if d := cmp.Diff(tt.want, got); d != "" || omitted != 0 {
				t.Errorf("%s, %d omitted", d, omitted)
			}
		})
	}
}

// TestNoExplosion: forty lists, each of which holds the one before twice, are 2^40 paths.
func TestNoExplosion(t *testing.T) {
	for _, leaf := range []string{"]", arrayOf("K\x01\x85", f8)} {
		in := leaf
		for i := range 40 {
			in += fmt.Sprintf("q%ch%c\x86", i, i)
		}
		tensors, omitted := Tensors(read(t, in+".").Root)
		if leaf == "]" && len(tensors)+omitted > 0 {
			t.Errorf("%d tensors, %d omitted", len(tensors), omitted)
		}
		if leaf != "]" && omitted == 0 {
			t.Errorf("%d tensors and none omitted", len(tensors))
		}
	}
}

// TestManyFalseArrays: data that are no pickles are not read over and over.
func TestManyFalseArrays(t *testing.T) {
	in := "]" + strings.Repeat(wrapped("K\x01\x85", obj)+"0", 20_000) + "."
	if _, err := Read(strings.NewReader(in), 0, int64(len(in))); err != nil {
		t.Log(err) // whatever it is, it ends
	}
}
