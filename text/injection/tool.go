package injection

import (
	"cmp"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/text/decode"
)

// Place says what a text belongs to.
type Place struct {
	Parameter string          // that the text describes; "" for the tool itself
	Own       map[string]bool // names of the server's tools and their parameters, in lower case. Optional
	Server    []string        // words of the server's name, in lower case. Optional
}

// FindInTool is [Find] for what a server says of a tool: a text that others have
// written, and that the model follows as soon as the tool is listed.
//
// Beside phrases it looks, sentence by sentence, for ideas that do not belong together
// in such a text, in English, German and Chinese, and less thoroughly in French and
// Spanish. What is encoded (base64, hexadecimal, percent) or written with letters of
// other scripts is read, too. At most one match of each kind is returned, in order.
//
// Sources for what to look for: Invariant Labs, "MCP tool poisoning attacks" (2025);
// Wang et al., "MPMA: preference manipulation attack against MCP" (arXiv 2505.11154);
// MCPTox (arXiv 2508.14925); OWASP Top 10 for LLM 2025, LLM01.
func FindInTool(text string, at Place) []Match {
	text = text[:min(len(text), MaxText)]
	var all []Match
	add := func(m Match) {
		if !slices.ContainsFunc(all, func(o Match) bool { return o.Kind == m.Kind }) {
			all = append(all, m)
		}
	}
	for _, m := range Find(text) {
		add(m)
	}
	p := spell(text, false)
	inSentences(p, at, add)
	if q := spell(text, true); q.text != p.text {
		inSentences(q, at, add)
	}
	budget := decode.Default(len(text))
	layers([]byte(text), budget, func(outer decode.Layer, inner []byte) {
		s := string(inner)
		for _, m := range Find(s) {
			add(Match{m.Kind, outer.Start, outer.End, m.Text})
		}
		inSentences(spell(s, false), at, func(m Match) { add(Match{m.Kind, outer.Start, outer.End, m.Text}) })
	})
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(a.Start, b.Start) })
	return all
}

// layers shows what is encoded in a text, and what is encoded in that.
func layers(text []byte, b *decode.Budget, visit func(outer decode.Layer, inner []byte)) {
	decode.Each(text, b, func(l decode.Layer) {
		visit(l, l.Text)
		layers(l.Text, b, func(_ decode.Layer, inner []byte) { visit(l, inner) })
	})
}

// inSentences looks for ideas that do not belong together.
func inSentences(p plain, at Place, add func(Match)) {
	for _, s := range sentences(p.text) {
		if len(s.hits) < 2 && !s.address() {
			continue
		}
		for _, t := range []struct {
			kind Kind
			in   bool
		}{
			{Override, s.overrides()}, {Secrecy, s.secret()}, {Steal, s.steals(at.Parameter)}, {Send, s.sends()}, {Shadow, s.shadows(at.Own)}, {Command, s.pushes() && !s.family(at.Server)},
		} {
			if t.in {
				add(Match{t.kind, p.from[s.start], p.from[s.end], clean(s.text)})
			}
		}
	}
}

func clean(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 160)]
}

// overrides: drop your previous instructions; they no longer apply; from now on ...
func (s *sentence) overrides() bool {
	switch {
	case s.order(drop) != nil && s.near(drop, rules, 9) && (s.near(rules, prior, 5) || s.near(rules, any, 3) || s.near(drop, prior, 2)):
		return true
	case s.order(drops) != nil && s.near(drops, rules, 8) && s.near(rules, prior, 4):
		return true
	case s.has(turn) && s.has(user|rules|server|thistool|tool):
		return true
	case s.has(now) && (s.near(now, rules, 12) && s.has(prior|drops|drop) || s.order(drop) != nil || s.has(hide)):
		return true
	}
	return false
}

// secret: do not tell the user; the user must not know; do it silently.
func (s *sentence) secret() bool {
	if !s.has(user | reply) {
		return s.has(hide) && s.has(hard|soft|talk|inner) && s.order(get|send|put) != nil && s.near(hide, get|send|put, 3)
	}
	silent := false
	for i := range s.hits {
		if h := &s.hits[i]; h.is&tell != 0 && s.denied(h) {
			silent = true
		}
	}
	switch {
	case silent && (!s.has(raw) || s.has(step)) && s.near(tell, user, 9), silent && s.has(reply) && s.near(tell, reply, 3):
		return true
	case s.has(hide, step) && s.near(hide, user, 8):
		return true
	case s.has(hide) && s.near(hide, user, 5) && s.has(soft|hard|inner|talk) && s.order(get|send|put) != nil:
		return true
	}
	for i := range s.hits {
		if h := &s.hits[i]; h.is&aware != 0 && s.denied(h) && s.near(aware, user, 4) && (s.has(step) || s.has(must)) {
			return true
		}
	}
	return false
}

// steals: put what you know, or what lies in secret places, into this call.
func (s *sentence) steals(parameter string) bool {
	of := parameter != ""
	own := of && credentialName().MatchString(parameter)
	prompts := of && promptName().MatchString(parameter) && !s.has(prior)
	puts := s.order(put|send) != nil || s.has(must) && s.order(holds) != nil
	into := s.has(slot) || s.strange()
	switch {
	case s.has(hard) && !own && (!s.has(path) || s.has(contents)) && (of && !s.has(neg) || s.order(get|put|send) != nil && s.near(hard, get|put|send, 10)):
		return true
	case s.has(soft, known) && puts && s.near(soft, known, 8) && !own:
		return true
	case of && s.has(soft, known, contents) && !own && !s.has(neg):
		return true
	case s.has(soft, known, full) && (puts || s.order(get) != nil) && s.near(full, soft, 4):
		return true
	case s.has(inner) && !prompts && (of && s.has(prior|full|must) && !s.has(neg) || puts && s.near(inner, put|send|holds, 12) && (into || s.has(full) || s.address())):
		return true
	case s.has(talk|inner) && s.near(talk|inner, full, 3) && !prompts && (of && (puts || s.has(must)) || puts && s.near(talk|inner, put|send|holds, 8) || s.strange()):
		return true
	}
	// A credential goes into a parameter that has nothing to do with it.
	return s.has(soft) && s.has(user|known|prior) && s.order(put) != nil && !of && (s.strange() || s.has(slot) && len(s.names()) == 0 && s.near(put, slot, 6))
}

// strange reports quoted words or identifiers that are no names of credentials.
func (s *sentence) strange() bool {
	names := s.names()
	for _, n := range names {
		if credentialName().MatchString(n) {
			return false
		}
	}
	return len(names) > 0
}

// sends: send it to this address.
func (s *sentence) sends() bool {
	return s.address() && s.order(send) != nil && (s.near(send, talk|inner|soft|hard, 6) && s.has(must|hide|full|known|soft|hard|inner|first) || s.near(send, data, 6) && s.has(must|hide))
}

// actions begin names of tools that do something in the world.
var actions = []string{"send", "create", "upload", "post", "pay", "wire", "transfer", "write", "save", "deploy", "push", "git", "schedule", "invite", "publish", "submit", "forward", "book", "order", "charge", "email", "mail", "message", "share", "sign", "execute", "delete", "update"}

// shadows: when another tool is used, let it do something else.
func (s *sentence) shadows(own map[string]bool) bool {
	foreign, acts := false, false
	for _, n := range s.names() {
		n = strings.Trim(n, "`\"'“”「」『』")
		verb, _, ok := strings.Cut(n, "_")
		if !ok || own[n] {
			continue
		}
		foreign = true
		acts = acts || slices.Contains(actions, verb)
	}
	if !foreign && !s.has(server) && !s.near(other, tool, 3) && !(s.has(tool) && s.has(must|when)) {
		return false
	}
	switch mine := s.has(own_); {
	case mine:
		return false
	case acts && s.address():
		return true // whatever is said between the two
	case s.person():
		return s.has(target|divert|send|must) && (foreign || s.has(divert|must))
	case s.address():
		return s.has(divert) && s.has(must|when|target|send)
	}
	return s.has(target, divert) && (s.has(hide) || s.has(user) && s.near(divert, user|regardless, 7) && s.has(regardless|other))
}

// pushes: use me before, or instead of, the others.
func (s *sentence) pushes() bool {
	if s.has(own_) || strings.Contains(s.text, "if you are un") || strings.Contains(s.text, "if you don't know") {
		return false
	}
	switch {
	case s.has(anytool) && s.has(first) && s.near(anytool, first, 7) && (s.has(must) || s.has(call)):
		return true
	case s.has(anytool) && s.has(demote) && s.near(anytool, demote, 9):
		return true
	case s.before(other, tool, 1) && s.near(tool, judge, 7):
		return true
	case s.has(prefer) && (s.has(anytool) || s.near(prefer, thistool, 6) && len(s.names()) == 0 && !strings.ContainsRune(s.text, '\'')):
		return true
	case s.has(builtin) && s.has(tool) && s.has(strong) && (s.near(builtin, strong, 9)) && s.near(builtin, tool, 4):
		return true
	case s.has(server) && s.has(strong) && s.has(tool) && s.near(server, strong, 9):
		return true
	case s.has(every) && s.has(call) && s.has(thistool) && s.near(thistool, call, 4):
		return true
	case s.has(every) && s.has(call) && s.has(must) && (s.has(regardless) || s.has(first)) && s.near(every, call, 6):
		return true
	}
	return false
}

// family reports that the other tools are those of the server itself: "other ACME tools".
func (s *sentence) family(server []string) bool {
	return slices.ContainsFunc(server, func(w string) bool {
		return strings.Contains(s.text, w+" tool") || strings.Contains(s.text, w+"-tool") || strings.Contains(s.text, w+"-werkzeug") || strings.Contains(s.text, w+"工具") || strings.Contains(s.text, w+" 工具")
	})
}

// Does says in words what a phrase of a kind does.
func (k Kind) Does() string {
	switch k {
	case Override:
		return "tells the model to drop its instructions"
	case Secrecy:
		return "tells the model to keep something from the user"
	case Steal:
		return "asks for credentials or for the conversation"
	case Send:
		return "tells the model to send something away"
	case Command:
		return "puts itself before or instead of other tools"
	case Shadow:
		return "changes what other tools do"
	case Unasked:
		return "tells the model to act without a question"
	}
	return "speaks as if it were the system"
}
