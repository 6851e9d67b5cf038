package sign

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// big is longer than a mapped window and than a block of hashing.
var large = strings.Repeat("0123456789abcdef", 1<<15+1)

// TestTamperedModel changes a signed model in every way there is: each must be found,
// and the exact file named.
func TestTamperedModel(t *testing.T) {
	k := newKey(t, key.P256)
	p := filepath.Join
	edit := func(name string, change func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			b, err := os.ReadFile(p(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			put(t, p(dir, name), string(change(b)))
		}
	}
	add := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { put(t, p(dir, name), content) }
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rename := func(from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Dir(p(dir, to)), 0o755))
			must(t, os.Rename(p(dir, from), p(dir, to)))
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.RemoveAll(p(dir, name))) }
	}
	link := func(target, name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if runtime.GOOS == "windows" {
				t.Skip("links need a privilege")
			}
			_ = os.Remove(p(dir, name))
			must(t, os.Symlink(target, p(dir, name)))
		}
	}
	all := func(list ...func(*testing.T, string)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, f := range list {
				f(t, dir)
			}
		}
	}
	tests := []struct {
		name   string
		change func(*testing.T, string)
		want   []string
	}{
		{"nothing", func(*testing.T, string) {}, nil},
		{"first byte of a large file", edit("big.bin", func(b []byte) []byte { b[0] ^= 1; return b }), []string{"changed big.bin"}},
		{"last byte of a large file", edit("big.bin", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), []string{"changed big.bin"}},
		{"one bit in the middle", edit("big.bin", func(b []byte) []byte { b[len(b)/2] ^= 0x80; return b }), []string{"changed big.bin"}},
		{"truncated by a byte", edit("big.bin", func(b []byte) []byte { return b[:len(b)-1] }), []string{"changed big.bin"}},
		{"a byte appended", edit("big.bin", func(b []byte) []byte { return append(b, 0) }), []string{"changed big.bin"}},
		{"emptied", edit("config.json", func([]byte) []byte { return nil }), []string{"changed config.json"}},
		{"empty file filled", edit("sub/empty", func([]byte) []byte { return []byte("x") }), []string{"changed sub/empty"}},
		{"line ends changed", edit("config.json", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }), []string{"changed config.json"}},
		{"byte order mark", edit("config.json", func(b []byte) []byte { return append([]byte("\ufeff"), b...) }), []string{"changed config.json"}},
		{"two blocks swapped", edit("big.bin", func(b []byte) []byte { b[100], b[1<<18] = b[1<<18]^1, b[100]^1; return b }), []string{"changed big.bin"}},
		{"two files changed", all(add("config.json", "{}"), add("sub/a.bin", "?")), []string{"changed config.json", "changed sub/a.bin"}},
		{"file gone", remove("config.json"), []string{"missing config.json"}},
		{"empty file gone", remove("sub/empty"), []string{"missing sub/empty"}},
		{"folder gone", remove("sub"), []string{"missing sub/a.bin", "missing sub/b.bin", "missing sub/empty"}},
		{"file added", add("evil.pkl", "x"), []string{"not signed evil.pkl"}},
		{"empty file added", add("sub/__init__.py", ""), []string{"not signed sub/__init__.py"}},
		{"hidden file added", add(".hidden", "x"), []string{"not signed .hidden"}},
		{"file added in a new folder", add("x/y/z.py", "x"), []string{"not signed x/y/z.py"}},
		{"copy of a signed file", add("sub/c.bin", "aaaa"), []string{"not signed sub/c.bin"}},
		{"file with a line break", func(t *testing.T, dir string) {
			if runtime.GOOS == "windows" {
				t.Skip("no such names")
			}
			put(t, p(dir, "a\nb"), "x")
		}, []string{"bad name a\nb"}},
		{"renamed", rename("sub/a.bin", "sub/z.bin"), []string{"renamed sub/z.bin (sub/a.bin)"}},
		{"moved up", rename("sub/a.bin", "a.bin"), []string{"renamed a.bin (sub/a.bin)"}},
		{"case of a name", rename("config.json", "Config.json"), []string{"case Config.json (config.json)"}},
		{"case of a folder", rename("sub", "Sub"), []string{"case Sub/a.bin (sub/a.bin)", "case Sub/b.bin (sub/b.bin)", "case Sub/empty (sub/empty)"}},
		{"composition of a name", rename("ünder.txt", "u\u0308nder.txt"), []string{"case u\u0308nder.txt (ünder.txt)"}},
		{"twin in another case", add("CONFIG.json", "{}"), []string{"not signed CONFIG.json"}},
		{"two swapped", all(rename("sub/a.bin", "t"), rename("sub/b.bin", "sub/a.bin"), rename("t", "sub/b.bin")), []string{"changed sub/a.bin", "changed sub/b.bin"}},
		{"renamed and changed", all(rename("sub/a.bin", "sub/z.bin"), add("sub/z.bin", "zz")), []string{"missing sub/a.bin", "not signed sub/z.bin"}},
		{"file became a folder", all(remove("config.json"), add("config.json/x", "x")), []string{"missing config.json", "not signed config.json/x"}},
		{"folder became a file", all(remove("sub"), add("sub", "x")), []string{"missing sub/a.bin", "missing sub/b.bin", "missing sub/empty", "not signed sub"}},
		{"link to the same content", link("a.bin", "sub/b.bin"), []string{"symlink sub/b.bin"}},
		{"link out of the model", link("/etc/passwd", "config.json"), []string{"symlink config.json"}},
		{"link to nowhere", link("nowhere", "new"), []string{"symlink new"}},
		{"link to a folder", link("sub", "more"), []string{"symlink more"}},
		{"link in a loop", link("loop", "loop"), []string{"symlink loop"}},
		{"git configuration", add(".git/hooks/post-checkout", "x"), nil},
		{"signed dot file", add(".gitkeep", "x"), []string{"not signed .gitkeep"}},
		{"like an ignored name", add(".gitignore2", "x"), []string{"not signed .gitignore2"}},
		{"ignored name below", add("sub/.git/x", "x"), []string{"not signed sub/.git/x"}},
		{"second signature", add("other.sig", "x"), []string{"not signed other.sig"}},
		{"extra in an ignored folder", add("cache/x", "x"), nil},
		{"like an ignored folder", add("cache2", "x"), []string{"not signed cache2"}},
	}
	source := write(t, "config.json", "{\n}\n", "big.bin", large, "sub/a.bin", "aaaa", "sub/b.bin", "bbbb", "sub/empty", "", "ünder.txt", "u", "cache/tmp", "1", ".gitignore", "*.tmp\n")
	sig := mustSign(t, source, k, Options{Ignore: []string{"cache/", DefaultName}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
				t.Fatal(err)
			}
			put(t, p(dir, DefaultName), string(sig))
			tt.change(t, dir)
			r, err := Verify(context.Background(), dir, sig, Check{Trust: Trust{Key: k.PublicKey()}, SignatureFile: p(dir, DefaultName)})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, brief(r.Problems)); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

func brief(list []Problem) []string {
	var out []string
	for _, p := range list {
		s := string(p.Kind) + " " + p.Path
		if p.Other != "" {
			s += " (" + p.Other + ")"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// resign puts another statement under a valid signature of k.
func resign(t *testing.T, k *key.Private, sig []byte, change func(statement map[string]any)) []byte {
	t.Helper()
	material, e, err := parseBundle(sig)
	if err != nil {
		t.Fatal(err)
	}
	var st map[string]any
	if err := json.Unmarshal(e.Payload, &st); err != nil {
		t.Fatal(err)
	}
	change(st)
	payload, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := k.Sign(context.Background(), evidence.PAE(e.PayloadType, payload))
	if err != nil {
		t.Fatal(err)
	}
	out, err := encodeBundle(&evidence.Envelope{PayloadType: e.PayloadType, Payload: payload, Signatures: []evidence.Signature{{Sig: raw}}}, k.PublicKey(), material.ders())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBadSignature changes the signature: none may be taken for valid, and no file of
// the model may be read for it.
func TestBadSignature(t *testing.T) {
	k, other := newKey(t, key.P256), newKey(t, key.P256)
	model := write(t, "a.bin", "aaaa", "b.bin", "bbbb")
	sig := mustSign(t, model, k, Options{})
	replace := func(old, with string) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			if !bytes.Contains(sig, []byte(old)) {
				t.Fatalf("no %q in the signature", old)
			}
			return bytes.Replace(sig, []byte(old), []byte(with), 1)
		}
	}
	payload := func(old, with string) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			_, e, err := parseBundle(sig)
			if err != nil || !bytes.Contains(e.Payload, []byte(old)) {
				t.Fatalf("no %q in the payload: %v", old, err)
			}
			changed := bytes.Replace(e.Payload, []byte(old), []byte(with), 1)
			return bytes.Replace(sig, []byte(base64.StdEncoding.EncodeToString(e.Payload)), []byte(base64.StdEncoding.EncodeToString(changed)), 1)
		}
	}
	signed := func(change func(st, predicate map[string]any, resources []any)) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			return resign(t, k, sig, func(st map[string]any) {
				p := st["predicate"].(map[string]any)
				change(st, p, p["resources"].([]any))
			})
		}
	}
	name := func(n string) func(*testing.T) []byte {
		return signed(func(_, _ map[string]any, r []any) { r[0].(map[string]any)["name"] = n })
	}
	serialization := func(field string, v any) func(*testing.T) []byte {
		return signed(func(_, p map[string]any, _ []any) { p["serialization"].(map[string]any)[field] = v })
	}
	for _, tt := range []struct {
		name string
		sig  func(*testing.T) []byte
		want string
	}{
		{"by another key", func(t *testing.T) []byte { return mustSign(t, model, other, Options{}) }, "signed with key"},
		{"by another key that claims to be this", func(t *testing.T) []byte {
			return bytes.ReplaceAll(mustSign(t, model, other, Options{}), []byte(other.PublicKey().KeyID()), []byte(k.PublicKey().KeyID()))
		}, "another key"},
		{"by another key with the old format", func(t *testing.T) []byte {
			return bytes.ReplaceAll(mustSign(t, model, other, Options{}), []byte(`"hint":"`+other.PublicKey().KeyID()+`"`), []byte(`"rawBytes":"AAAA"`))
		}, "another key"},
		{"digest in the payload", payload(`"digest":"6`, `"digest":"7`), "does not fit"},
		{"name in the payload", payload("a.bin", "c.bin"), "does not fit"},
		{"space in the payload", payload("{", "{ "), "does not fit"},
		{"type of the payload", replace("application/vnd.in-toto+json", "application/vnd.in-toto+yaml"), "payload of type"},
		{"media type", replace("v0.3+json", "v0.9+json"), "media type"},
		{"no material", replace("verificationMaterial", "other"), "no verification material"},
		{"no envelope", replace("dsseEnvelope", "other"), "no DSSE envelope"},
		{"key twice", replace(`"mediaType"`, `"mediaType":"x","mediaType"`), "occurs twice"},
		{"key twice in another case", replace(`"mediaType"`, `"MEDIATYPE":"x","mediaType"`), "occurs twice"},
		{"two signatures", replace(`"signatures":[{`, `"signatures":[{"sig":"AAAA"},{`), "2 signatures"},
		{"no signature", func(t *testing.T) []byte {
			i := bytes.Index(sig, []byte(`"signatures":[`))
			return append(bytes.Clone(sig[:i]), `"signatures":[]}}`...)
		}, "not signed"},
		{"keyless", replace(`"tlogEntries":[]`, `"tlogEntries":[{}]`), "keyless"},
		{"certificate", replace(`"publicKey":{`, `"x509CertificateChain":{"certificates":[]},"other":{`), "--cert-chain"},
		{"data after the end", func(*testing.T) []byte { return append(bytes.Clone(sig), "{}"...) }, "after the end"},
		{"cut", func(*testing.T) []byte { return sig[:len(sig)/2] }, "not a Sigstore bundle"},
		{"empty", func(*testing.T) []byte { return nil }, "no JSON value"},
		{"not JSON", func(*testing.T) []byte { return []byte("-----BEGIN") }, "not a Sigstore bundle"},
		{"predicate of 0.2.0", signed(func(st, _ map[string]any, _ []any) { st["predicateType"] = oldPredicates + "s/v0.1" }), "0.2.0"},
		{"other predicate", signed(func(st, _ map[string]any, _ []any) { st["predicateType"] = evidence.ScanType }), "not a model signature"},
		{"other statement", signed(func(st, _ map[string]any, _ []any) { st["_type"] = "https://in-toto.io/Statement/v0.1" }), "statement type"},
		{"two subjects", signed(func(st, _ map[string]any, _ []any) {
			s := st["subject"].([]any)
			st["subject"] = append(s, s[0])
		}), "2 subjects"},
		{"root digest", signed(func(st, _ map[string]any, _ []any) {
			st["subject"].([]any)[0].(map[string]any)["digest"] = map[string]string{"sha256": strings.Repeat("00", 32)}
		}), "contradicts itself"},
		{"no files", signed(func(_, p map[string]any, _ []any) { p["resources"] = []any{} }), "covers no file"},
		{"no serialization", signed(func(_, p map[string]any, _ []any) { delete(p, "serialization") }), "no serialization"},
		{"method", serialization("method", "tensors"), "not known"},
		{"hash", serialization("hash_type", "blake3"), "only sha256"},
		{"hash of a file", signed(func(_, _ map[string]any, r []any) { r[0].(map[string]any)["algorithm"] = "md5" }), "not the sha256 announced"},
		{"ignores what it signs", serialization("ignore_paths", []string{"a.bin"}), "ignores"},
		{"same name twice", name("b.bin"), "twice"},
		{"absolute name", name("/etc/passwd"), "not a normalised path"},
		{"name that leads up", name("../a.bin"), "not a normalised path"},
		{"name with a dot", name("./a.bin"), "not a normalised path"},
		{"name with two slashes", name("x//a.bin"), "not a normalised path"},
		{"name with a backslash", name(`..\a.bin`), "backslashes"},
		{"name with a control character", name("a\x1b[2Jb"), "control characters"},
		{"empty name", name(""), "1 to 4096"},
		{"single file and others", name("."), "single file and others"},
		{"names that differ in case", name("B.bin"), "one file on macOS and Windows"},
		{"shards of no size", serialization("method", "shards"), "no size"},
		{"shards without ranges", signed(func(_, p map[string]any, _ []any) {
			z := p["serialization"].(map[string]any)
			z["method"], z["shard_size"] = "shards", 10
		}), "NAME:START:END"},
		{"shards with a gap", signed(func(_, p map[string]any, r []any) {
			z := p["serialization"].(map[string]any)
			z["method"], z["shard_size"] = "shards", 2
			r[0].(map[string]any)["name"], r[1].(map[string]any)["name"] = "a.bin:0:2", "a.bin:3:5"
		}), "do not cover"},
		{"shards that overlap", signed(func(_, p map[string]any, r []any) {
			z := p["serialization"].(map[string]any)
			z["method"], z["shard_size"] = "shards", 2
			r[0].(map[string]any)["name"], r[1].(map[string]any)["name"] = "a.bin:0:2", "a.bin:1:3"
		}), "do not cover"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Verify(context.Background(), filepath.Join(model, "nowhere"), tt.sig(t), Check{Trust: Trust{Key: k.PublicKey()}})
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q in it", err, tt.want)
			}
		})
	}
	// What the specification allows to be there, and another order of the files.
	for name, change := range map[string]func(st, p map[string]any, r []any){
		"fields of later versions": func(st, p map[string]any, r []any) {
			st["later"], p["later"], r[0].(map[string]any)["later"] = 1, map[string]any{"x": 1}, true
		},
		"algorithms of others": func(st, _ map[string]any, _ []any) {
			st["subject"].([]any)[0].(map[string]any)["digest"].(map[string]any)["md5"] = "x"
		},
		"no list of ignored": func(_, p map[string]any, _ []any) { delete(p["serialization"].(map[string]any), "ignore_paths") },
		"ignored outside": func(_, p map[string]any, _ []any) {
			p["serialization"].(map[string]any)["ignore_paths"] = []string{"../x", "/y", "."}
		},
		"name of a moved folder": func(st, _ map[string]any, _ []any) { st["subject"].([]any)[0].(map[string]any)["name"] = "elsewhere" },
	} {
		r, err := Verify(context.Background(), model, signed(change)(t), Check{Trust: Trust{Key: k.PublicKey()}})
		if err != nil || len(r.Problems) > 0 {
			t.Errorf("%s: %v, %v", name, err, r)
		}
	}
	if _, err := Verify(context.Background(), model, sig, Check{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("without a key: %v", err)
	}
}
