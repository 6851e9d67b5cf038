package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/merlon-security/merlon/engine/strictjson"
)

// maxNodes bounds one entry of a list. A description of a tool has dozens of values.
const maxNodes = 50_000

// lists asks for everything that the server says it has, and for tools in any case.
// What a server keeps quiet about, a client does not ask for either.
func (c *client) lists(ctx context.Context) {
	for _, l := range []struct {
		method, key, offer string
		to                 *[]json.RawMessage
		optional           bool // a server may offer the others without this
	}{
		{"tools/list", "tools", "tools", &c.listing.Tools, false},
		{"resources/list", "resources", "resources", &c.listing.Resources, false},
		{"resources/templates/list", "resourceTemplates", "resources", &c.listing.Templates, true},
		{"prompts/list", "prompts", "prompts", &c.listing.Prompts, false},
	} {
		_, offered := c.offers[l.offer]
		if !offered && l.offer != "tools" {
			continue
		}
		err := c.list(ctx, l.method, l.key, l.to)
		var e *Error
		if errors.As(err, &e) && e.Code == codeNoMethod && len(*l.to) == 0 && (!offered || l.optional) {
			continue
		}
		if err != nil {
			if ctx.Err() != nil {
				err = c.late(ctx)
			}
			c.listing.Problems = append(c.listing.Problems, fmt.Errorf("%s: %w", l.method, err))
			if errors.Is(err, ErrClosed) || ctx.Err() != nil {
				return
			}
		}
	}
}

// list reads all pages of one list.
func (c *client) list(ctx context.Context, method, key string, to *[]json.RawMessage) error {
	seen := map[string]bool{}
	var params map[string]any
	for page := 0; ; page++ {
		if page == c.budget.limits.Pages {
			return fmt.Errorf("more than %d pages", page)
		}
		var r map[string]json.RawMessage
		if err := c.call(ctx, method, params, &r); err != nil {
			return err
		}
		if string(r["resultType"]) == `"input_required"` {
			return errors.New("the server wants an input before it answers")
		}
		var items []json.RawMessage
		if err := json.Unmarshal(r[key], &items); err != nil {
			return fmt.Errorf("the answer has no list %q", key)
		}
		for _, it := range items {
			if c.items++; c.items > c.budget.limits.Items {
				return fmt.Errorf("more than %d entries", c.budget.limits.Items)
			}
			v, _, err := strictjson.Parse(it, strictjson.Options{Python: true, Depth: 100}, maxNodes)
			if err == nil && v.Kind != strictjson.Object {
				err = errors.New("no object")
			}
			if err != nil {
				c.listing.Problems = append(c.listing.Problems, fmt.Errorf("%s: entry %d: %w", method, len(*to), err))
				continue
			}
			*to = append(*to, it)
		}
		var next string
		if raw := r["nextCursor"]; raw != nil && string(raw) != "null" {
			if err := json.Unmarshal(raw, &next); err != nil {
				return errors.New("nextCursor is no text")
			}
		} else {
			return nil
		}
		if seen[next] {
			return errors.New("the pages go in a circle: a cursor came twice")
		}
		seen[next] = true
		params = map[string]any{"cursor": next}
	}
}
