package agentconf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/engine/yamlwalk"
	"github.com/merlon-security/merlon/text/safetoml"
)

type value = strictjson.Value

const maxNodes = 200_000

// parse reads JSON (with comments and commas too many, as editors allow), TOML or YAML
// into one kind of tree.
func parse(name, doc string) (*value, []strictjson.Duplicate, error) {
	switch {
	case strings.HasSuffix(name, ".toml"):
		v, err := parseTOML(doc)
		return v, nil, err
	case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
		v, err := parseYAML(doc)
		return v, nil, err
	}
	plain := withoutComments(strings.TrimPrefix(doc, "\ufeff"))
	v, dup, err := strictjson.Parse([]byte(plain), strictjson.Options{}, maxNodes)
	if err != nil {
		return nil, nil, err
	}
	if len(plain) < len(doc) {
		shift(&v, len(doc)-len(plain))
	}
	return &v, dup, nil
}

func shift(v *value, by int) {
	v.Offset += by
	for i := range v.Items {
		shift(&v.Items[i], by)
	}
	for i := range v.Members {
		v.Members[i].At += by
		shift(&v.Members[i].Value, by)
	}
}

// withoutComments blanks comments and trailing commas; offsets stay.
func withoutComments(doc string) string {
	b := []byte(doc)
	comma := -1
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			comma = -1
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case c == '/' && i+1 < len(b) && b[i+1] == '/':
			for ; i < len(b) && b[i] != '\n'; i++ {
				b[i] = ' '
			}
		case c == '/' && i+1 < len(b) && b[i+1] == '*':
			end := strings.Index(doc[i+2:], "*/")
			stop := len(b)
			if end >= 0 {
				stop = i + 2 + end + 2
			}
			for ; i < stop; i++ {
				if b[i] != '\n' {
					b[i] = ' '
				}
			}
			i--
		case c == ',':
			comma = i
		case c == '}' || c == ']':
			if comma >= 0 {
				b[comma] = ' '
			}
			comma = -1
		case c != ' ' && c != '\t' && c != '\n' && c != '\r':
			comma = -1
		}
	}
	return string(b)
}

func parseTOML(doc string) (*value, error) {
	var m map[string]any
	if err := safetoml.Unmarshal([]byte(doc), &m); err != nil {
		return nil, fmt.Errorf("TOML: %w", err)
	}
	left := maxNodes
	v := fromAny(doc, "", m, 0, &left)
	return &v, nil
}

// fromAny makes a tree. Places are looked for: the key, or the text, in the document.
func fromAny(doc, key string, x any, near int, left *int) value {
	*left--
	at := near
	if i := strings.Index(doc[near:], key); key != "" && i >= 0 {
		at = near + i
	}
	v := value{Offset: at}
	if *left < 0 {
		return v
	}
	switch x := x.(type) {
	case map[string]any:
		v.Kind = strictjson.Object
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			m := fromAny(doc, k, x[k], at, left)
			v.Members = append(v.Members, strictjson.Member{Key: k, At: m.Offset, Value: m})
		}
	case []any:
		v.Kind = strictjson.Array
		for _, e := range x {
			v.Items = append(v.Items, fromAny(doc, "", e, at, left))
		}
	case []map[string]any:
		v.Kind = strictjson.Array
		for _, e := range x {
			v.Items = append(v.Items, fromAny(doc, "", e, at, left))
		}
	case string:
		v.Kind, v.Text = strictjson.String, x
	case bool:
		v.Kind, v.Text = strictjson.Bool, fmt.Sprint(x)
	default:
		v.Kind, v.Text = strictjson.Number, fmt.Sprint(x)
	}
	return v
}

// parseYAML makes a tree of the scalars of a document; anchors are not expanded.
func parseYAML(doc string) (*value, error) {
	res, err := yamlwalk.Read([]byte(doc))
	if err != nil {
		return nil, fmt.Errorf("YAML: %w", err)
	}
	lines := []int{0, 0}
	for i := range len(doc) {
		if doc[i] == '\n' {
			lines = append(lines, i+1)
		}
	}
	root := &value{Kind: strictjson.Object}
	for n, s := range res.Scalars {
		if n == maxNodes {
			break
		}
		at := root
		for _, step := range strings.Split(s.Path, ".") {
			at.Kind = strictjson.Object
			sub := at.Get(step)
			if sub == nil {
				off := lines[min(max(s.Line, 0), len(lines)-1)]
				at.Members = append(at.Members, strictjson.Member{Key: step, At: off, Value: value{Offset: off}})
				sub = &at.Members[len(at.Members)-1].Value
			}
			at = sub
		}
		at.Kind, at.Text = strictjson.String, s.Value
		if !s.Text && (s.Value == "true" || s.Value == "false") {
			at.Kind = strictjson.Bool
		}
	}
	return root, nil
}

// list gives the texts of a list; of a mapping with numbers as keys, as YAML gives
// lists; or of a single text.
func list(v *value) []value {
	switch {
	case v == nil:
		return nil
	case v.Kind == strictjson.Array:
		return v.Items
	case v.Kind == strictjson.Object:
		var all []value
		for i, m := range v.Members {
			if m.Key != fmt.Sprint(i) {
				return nil
			}
			all = append(all, m.Value)
		}
		return all
	case v.Kind == strictjson.String:
		return []value{*v}
	}
	return nil
}

// first is the value of the first of several keys that is there.
func first(v *value, keys ...string) *value {
	for _, k := range keys {
		if x := v.Get(k); x != nil {
			return x
		}
	}
	return nil
}

func isTrue(v *value) bool { return v != nil && v.Kind == strictjson.Bool && v.Text == "true" }
