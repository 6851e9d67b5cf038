package gate

import "testing"

// TestConditionsReadAsCEL holds the reader and the limits of values against cel-go:
// both give the same value, or both refuse.
func TestConditionsReadAsCEL(t *testing.T) {
	env, in := oracleEnv(t), whole()
	in = in.normal()
	for _, text := range []string{
		// reading
		"1 + 2 * 3 - 4 / 2 % 3", "-2 * -3", "- 2", "!!true", "1 < 2 == true", "true ? 1 : false ? 2 : 3", "(true ? false : true) ? 1 : 2",
		"true || false && false", "1 - 1 - 1", "'a' + 'b' in ['ab']", "[1, 2,]", "{'a': 1,}", "[]", "{}", "size([1], )", "[,]", "f(", "1 +", "+1", "a b", "1..2", "1.", ".5", "1e", "0x", "0xg",
		"'a' 'b'", "'a\nb'", `"a'b"`, `'a"b'`, `'''a
b'''`, `"""a"b"""`, `r'\n'`, `R"\\"`, `'\x41\101\u0041\U00000041'`, `'\q'`, `'\x4'`, `'\400'`, `'\ud800'`, `'\'`, "'", "`a`", "true//c", "// c\ntrue", "/* c */ true", "1 /2", "a.1",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "--9223372036854775807", "1e400", "1e-400", "007", "asset . size", "asset.\nsize", "asset['size']", "asset.in", "in", "true.size()", "package", "asset?.size", "$x", "é", "'é'.size()",
		"1 in [1]", "!true in [false]", "-1 in [-1]", "1 == 1 == true", "1 < 2 < 3", "true && 1 == 1 || false", "1 ? 2 : 3", "true ? 1", "true ? 1 : 2 ? 3 : 4",
		"[1][0]", "[[1]][0][0]", "{'a': {'b': 1}}.a.b", "{'a': 1}.b", "{1: 'x'}[1]", "{1: 'x'}[2]", "{true: 1}[true]", "{1: 1, 1: 2}", "{'a': 1}['a'] == 1", "{1.5: 1}",
		"'a' in {'a': 1}", "2 in {'a': 1}", "{'a': 1} == {'a': 1}", "{'a': 1} == {'b': 1}", "{'a': [1]} == {'a': [1, 2]}", "[[1], []] == [[1], []]", "[1] == []",
		// errors and what absorbs them
		"true || 1 / 0 == 1", "1 / 0 == 1 || true", "false && 1 / 0 == 1", "1 / 0 == 1 && false", "1 / 0 == 1 || false", "1 / 0 == 1 && true", "true ? 1 : 1 / 0", "false ? 1 / 0 : 1",
		"[0, 1].exists(x, 1 / x == 1)", "[1, 0].exists(x, 1 / x == 1)", "[0, 1].all(x, 1 / x == 2)", "[0, 1].all(x, 1 / x == 1)", "[0, 1].exists_one(x, 1 / x == 1)", "[1, 0].map(x, 1 / x)", "[1, 0].filter(x, 1 / x == 1)",
		"[1, 2, 3].map(x, x > 1, x * 2)", "[1, 2].map(x, [3, 4].map(y, x * y))", "[1, 2].all(x, [1, 2].exists(x, x == 2))", "{'a': 1, 'b': 2}.exists(k, k == 'b')", "{'a': 1}.map(k, k)", "[].all(x, false)", "[].exists(x, true)",
		"[1].all(x, x)", "[1].all(1, true)", "[1].all(x)", "1.all(x, true)", "[1].map(asset, asset + 1)", "[1].all(x, y == 1)", "[1].filter(x, true, x)",
		// numbers
		"9223372036854775807 + 1", "-9223372036854775808 - 1", "-9223372036854775808 / -1", "-9223372036854775808 % -1", "-(-9223372036854775808)", "3037000500 * 3037000500", "-1 * -9223372036854775808", "5 % -3", "-5 % 3", "-5 / 3", "1 % 0", "1.0 / 0.0", "0.0 / 0.0 == 0.0 / 0.0", "0.0 / 0.0 < 1.0", "1.5 % 1.0", "0.0 == -0.0", "int(1e19)", "int(-1.9)", "int(9223372036854775807.0)", "double('x')", "int('0x10')", "int(' 1')", "int('+1')", "string(1e21)", "string(0.1 + 0.2)", "string(-0.0)", "bool('yes')", "bool('T')", "1 == 1.0", "1 < 1.5", "'1' == 1",
		// text
		"'abc'.charAt(3)", "'abc'.charAt(4)", "'abc'.charAt(-1)", "'abc'.substring(1)", "'abc'.substring(3)", "'abc'.substring(4)", "'abc'.substring(2, 1)", "'abc'.substring(0, 4)", "'äöü'.substring(1, 2)", "'abc'.indexOf('')", "'abc'.indexOf('', 9)", "'abc'.indexOf('c', 3)", "'abc'.indexOf('c', -1)", "'äöä'.lastIndexOf('ä')", "'abc'.lastIndexOf('')", "'abc'.lastIndexOf('abcd')", "'a,b,c'.split(',', 2)", "'a,b'.split(',', 0)", "'a,b'.split(',', -1)", "''.split(',')", "'ab'.split('')", "'aaa'.replace('a', 'b', 2)", "'aaa'.replace('', '-')", "'aaa'.replace('a', 'b', -1)", "'aaa'.replace('a', 'b', 0)", "' \\t a\\u00a0'.trim()", "'ÄBC'.lowerAscii()", "[].join('-')", "['a'].join('-')", "[1].join()", "'a'.matches('A')", "'ab'.matches('b')", "'a'.matches('(')", "'a' < 'B'", "'a'.startsWith('')", "'a'.nothing()", "nothing('a')", "size('a', 'b')", "'a'.size(1)",
		// time
		"timestamp('2026-02-30T00:00:00Z')", "timestamp('2026-01-01')", "timestamp('2026-01-01t00:00:00z')", "timestamp('2026-01-01T24:00:00Z')", "timestamp('2026-01-01T00:00:00+24:00')", "timestamp('2026-01-01T00:00:00,5Z')", "timestamp('0000-12-31T00:00:00Z')", "timestamp('1')", "timestamp(-62135596801)", "timestamp(253402300799) + duration('1s')", "timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "timestamp('9999-01-01T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')", "duration('1d')", "duration('1h1m1.5s')", "duration('9223372036s') + duration('9223372036s')", "duration('-1.5s').getSeconds()", "int(now)", "now - duration('24h') < now", "now + now", "duration('1h') - now", "int(duration('1s'))", "string(duration('90m'))", "timestamp(timestamp(0))", "now.getDayOfWeek()", "now.getHours('UTC')",
		// objects
		"asset == asset", "findings[0] == findings[0]", "findings == findings", "findings[0] in findings", "has(asset)", "has(asset.none)", "has(findings[0].suppressed)", "has(evidence[0].signers)", "has({'a': 1}.b)", "[asset.size, asset.name].size()", "now.x", "asset()", "evidence.filter(e, e.kind == 'scan')[0].keys[0]", "evidence.map(e, e.time)[0] == evidence[0].time", "Found{}", "asset.size()", "source.size() > 0 ? asset : asset",
	} {
		t.Run(text, func(t *testing.T) {
			if !outside[text] {
				sameAsOracle(t, env, text, &in)
				return
			}
			program, err := language().Compile(text)
			if err == nil {
				_, err = program.Value(view(&in))
			}
			if err == nil {
				t.Error("it has a value, and is said to be outside of the language")
			}
		})
	}
}

// outside are expressions of CEL that are none here, on purpose.
var outside = map[string]bool{
	"[,]": true, "{1: 1, 1: 2}": true, "{1.5: 1}": true, "[asset.size, asset.name].size()": true,
	"int(duration('1s'))": true, "now.getHours('UTC')": true,
	"asset == asset": true, "findings[0] == findings[0]": true, "findings == findings": true, "findings[0] in findings": true,
}
