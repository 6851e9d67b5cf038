package parity

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// callCheck looks at a call and returns what it reports, 0 for nothing.
type callCheck struct {
	id   string
	find func(*site) python.Node
}

var callChecks = []callCheck{
	{"B102", func(s *site) python.Node { return s.when(s.name == "exec") }},
	{"B103", permissions},
	{"B106", secretArgument},
	{"B113", func(s *site) python.Node {
		t := s.named("timeout")
		return s.when(s.http() && (t.kind == word && t.s == "None" || t.kind == unknown && first(s.name) == "requests"))
	}},
	{"B201", func(s *site) python.Node {
		return s.whenIn("debug", strings.HasSuffix(s.name, ".run") && s.is("debug", "True") && s.importedLike("flask"))
	}},
	{"B202", unpacking},
	{"B324", hashes},
	{"B501", func(s *site) python.Node { return s.whenIn("verify", s.http() && s.is("verify", "False")) }},
	{"B502", protocol},
	{"B504", func(s *site) python.Node {
		return s.whenIn("ssl_version", s.name == "ssl.wrap_socket" && s.named("ssl_version").kind == unknown)
	}},
	{"B505", keySize},
	{"B506", yamlLoad},
	{"B507", hostKeys},
	{"B508", func(s *site) python.Node {
		m := s.named("mpModel")
		return s.when(s.name == "pysnmp.hlapi.CommunityData" && m.kind == number && (m.n == 0 || m.n == 1))
	}},
	{"B509", func(s *site) python.Node { return s.when(s.name == "pysnmp.hlapi.UsmUserData" && len(s.args) < 3) }},
	{"B601", func(s *site) python.Node {
		return s.when(last(s.name) == "exec_command" && s.importedLike("paramiko"))
	}},
	{"B602", func(s *site) python.Node {
		return s.whenIn("shell", slices.Contains(subprocesses, s.name) && s.shell() && len(s.args) > 0)
	}},
	{"B603", func(s *site) python.Node {
		return s.whenIn("shell", slices.Contains(subprocesses, s.name) && !s.shell())
	}},
	{"B604", func(s *site) python.Node {
		return s.whenIn("shell", !slices.Contains(subprocesses, s.name) && s.shell())
	}},
	{"B605", func(s *site) python.Node { return s.when(slices.Contains(shells, s.name) && len(s.args) > 0) }},
	{"B606", func(s *site) python.Node { return s.when(slices.Contains(processes, s.name)) }},
	{"B607", partialPath},
	{"B609", wildcard},
	{"B610", djangoExtra},
	{"B611", func(s *site) python.Node {
		sql := s.keyword("sql")
		if len(s.args) > 0 {
			sql = s.args[0]
		}
		_, constant := s.str(sql)
		return s.when(last(s.name) == "RawSQL" && s.importedLike("django.db.models") && sql != 0 && !constant)
	}},
	{"B612", func(s *site) python.Node {
		return s.when(s.name == "logging.config.listen" && s.keyword("verify") == 0)
	}},
	{"B614", func(s *site) python.Node {
		return s.when((s.name == "torch.load" || s.name == "torch.serialization.load") && s.imported("torch") && !s.is("weights_only", "True"))
	}},
	{"B615", hubDownload},
	{"B701", jinja},
	{"B702", func(s *site) python.Node {
		return s.when(last(s.name) == "Template" && slices.Contains(strings.Split(s.name, "."), "mako"))
	}},
	{"B703", markSafe},
	{"B704", func(s *site) python.Node {
		return s.when((s.name == "markupsafe.Markup" || s.name == "flask.Markup") && len(s.args) > 0 && s.t.Kind(s.args[0]) != python.KindConstant)
	}},
}

// call asks everything about a call.
func (v *visit) call(n python.Node) {
	c := v.t.Call(n)
	s := &site{visit: v, node: n, name: v.qualified(c.Func), args: c.Args, keywords: c.Keywords}
	for _, c := range callChecks {
		if at := c.find(s); at != 0 {
			s.hit(c.id, at, n)
		}
	}
	s.bannedCall()
}

func (s *site) when(holds bool) python.Node {
	if holds {
		return s.node
	}
	return 0
}

// whenIn reports the keyword, if it is there.
func (s *site) whenIn(keyword string, holds bool) python.Node {
	if holds {
		return s.or(keyword)
	}
	return 0
}

var (
	verbs       = []string{"get", "options", "head", "post", "put", "patch", "delete"}
	httpx       = []string{"request", "stream", "Client", "AsyncClient"}
	weakHashes  = []string{"md4", "md5", "sha", "sha1"}
	weakCrypts  = []string{"METHOD_CRYPT", "METHOD_MD5", "METHOD_BLOWFISH"}
	safeLoaders = []string{"SafeLoader", "CSafeLoader"}
)

// http reports whether a call is one of requests or httpx.
func (s *site) http() bool {
	name := last(s.name)
	switch first(s.name) {
	case "requests":
		return slices.Contains(verbs, name)
	case "httpx":
		return slices.Contains(verbs, name) || slices.Contains(httpx, name)
	}
	return false
}

func permissions(s *site) python.Node {
	mode := s.at(1)
	return s.when(strings.Contains(last(s.name), "chmod") && len(s.args) == 2 && mode.kind == number && mode.n&0o033 != 0)
}

func secretArgument(s *site) python.Node {
	for _, k := range s.keywords {
		kw := s.t.Keyword(k)
		if _, ok := s.str(kw.Value); ok && secret().MatchString(kw.Name) {
			return kw.Value
		}
	}
	return 0
}

func unpacking(s *site) python.Node {
	if !strings.Contains(last(s.name), "extractall") || !s.imported("tarfile") {
		return 0
	}
	if f, ok := s.str(s.keyword("filter")); ok && f == "data" {
		return 0
	}
	if m := s.keyword("members"); m != 0 && s.t.Kind(m) == python.KindCall {
		return s.when(s.t.Kind(s.t.Call(m).Func) == python.KindName)
	}
	return s.node
}

func hashes(s *site) python.Node {
	parts, name := strings.Split(s.name, "."), last(s.name)
	switch {
	case slices.Contains(parts, "hashlib"):
		if name == "new" {
			v := s.named("name")
			if len(s.args) > 0 {
				v = s.at(0)
			}
			name = strings.ToLower(v.s)
		}
		return s.when(slices.Contains(weakHashes, name) && (s.keyword("usedforsecurity") == 0 || s.is("usedforsecurity", "True")))
	case slices.Contains(parts, "crypt"):
		v, at := value{}, 0
		switch name {
		case "crypt":
			v, at = s.named("salt"), 1
		case "mksalt":
			v = s.named("method")
		}
		if len(s.args) > at {
			v = s.at(at)
		}
		return s.when((name == "crypt" || name == "mksalt") && slices.Contains(weakCrypts, v.s))
	}
	return 0
}

var weakProtocols = []string{"PROTOCOL_SSLv2", "SSLv2_METHOD", "SSLv23_METHOD", "PROTOCOL_SSLv3", "PROTOCOL_TLSv1", "SSLv3_METHOD", "TLSv1_METHOD", "PROTOCOL_TLSv1_1", "TLSv1_1_METHOD"}

func protocol(s *site) python.Node {
	version, method := s.is("ssl_version", weakProtocols...), s.is("method", weakProtocols...)
	switch {
	case s.name == "ssl.wrap_socket":
		method = false
	case s.name == "pyOpenSSL.SSL.Context":
		version = false
	}
	switch {
	case method || version && s.keyword("method") != 0:
		return s.or("method")
	case version:
		return s.or("ssl_version")
	}
	return 0
}

// keySize reports keys that can be computed: RSA and DSA below 2,048 bits, curves below
// 224.
func keySize(s *site) python.Node {
	size := func(keyword string, at int) python.Node {
		v := s.named(keyword)
		if v.kind == unknown || v.kind == number && v.n == 0 {
			v = s.at(at)
		}
		return s.when(v.kind == number && v.n != 0 && v.n < 2048)
	}
	const asymmetric = "cryptography.hazmat.primitives.asymmetric."
	switch s.name {
	case asymmetric + "rsa.generate_private_key":
		return size("key_size", 1)
	case asymmetric + "dsa.generate_private_key":
		return size("key_size", 0)
	case asymmetric + "ec.generate_private_key":
		v := s.named("curve")
		if v.kind == unknown {
			v = s.at(0)
		}
		return s.when(v.kind == word && slices.Contains([]string{"SECP192R1", "SECT163K1", "SECT163R2"}, v.s))
	case "Crypto.PublicKey.DSA.generate", "Crypto.PublicKey.RSA.generate", "Cryptodome.PublicKey.DSA.generate", "Cryptodome.PublicKey.RSA.generate":
		return size("bits", 0)
	}
	return 0
}

func yamlLoad(s *site) python.Node {
	return s.when(last(s.name) == "load" && s.imported("yaml") && slices.Contains(strings.Split(s.name, "."), "yaml") &&
		!s.is("Loader", safeLoaders...) && !slices.Contains(safeLoaders, s.at(1).s))
}

func hostKeys(s *site) python.Node {
	if last(s.name) != "set_missing_host_key_policy" || len(s.args) == 0 || !s.importedLike("paramiko") {
		return 0
	}
	policy := s.args[0]
	if s.t.Kind(policy) == python.KindCall {
		policy = s.t.Call(policy).Func
	}
	name := ""
	switch s.t.Kind(policy) {
	case python.KindAttribute:
		name = s.t.Attribute(policy).Attr
	case python.KindName:
		name = s.t.Name(policy)
	}
	return s.when(name == "AutoAddPolicy" || name == "WarningPolicy")
}
