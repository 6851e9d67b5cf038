package secret

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// published are values with the format of a credential that their issuers print in
// their documentation or build into emulators for everybody: they open nothing.
var published = map[string]bool{
	// Azurite and the old storage emulator, the Cosmos DB emulator (Microsoft Learn).
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==": true,
	"C2y6yDjf5/R+ob0N8A7Cgu30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==": true,
	// AWS, "Security credentials".
	"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": true, "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY": true,
	// Stripe, "API keys" and "Quickstart": an account for everybody, without money.
	"sk_test_4eC39HqLyjWDarjtT1zdp7dc": true, "sk_test_BQokikJOvBiI2HlWgH4olfQ2": true, "sk_test_tR3PYbcVNZZ796tH88S4VQ2u": true,
	// hCaptcha and Turnstile, "Testing": secrets that always pass.
	"0x0000000000000000000000000000000000000000": true, "1x0000000000000000000000000000000AA": true, "2x0000000000000000000000000000000AA": true,
	// GitHub, "Refreshing user access tokens".
	"ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498": true,
	"ghu_16C7e42F292c6912E7710c838347Ae178B4a":                                         true,
}

// checkOracle wants small letters and capitals: chance makes both, and a name with
// points in it has none.
func checkOracle(v string) Verdict {
	if len(v) == 20 && (!strings.ContainsAny(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || !strings.ContainsAny(v, "abcdefghijklmnopqrstuvwxyz")) {
		return refuse
	}
	return Verdict{}
}

func fixOracle(v string) string {
	if len(v) == 20 {
		return v[:17] + "aZ4"
	}
	return v
}

// checkElastic wants id and key, or base64 of both (Elasticsearch, "Create an API
// key").
func checkElastic(v string) Verdict {
	if bytes.IndexByte([]byte(v), ':') > 0 {
		return Verdict{}
	}
	id, key, ok := bytes.Cut(unbase64(v), []byte(":"))
	if !ok || len(id) != 20 || len(key) != 22 || !printable(id) || !printable(key) {
		return refuse
	}
	return Verdict{}
}

func fixElastic(v string) string {
	if bytes.IndexByte([]byte(v), ':') > 0 {
		return v
	}
	return base64.StdEncoding.EncodeToString([]byte(v[:20] + ":" + v[20:42]))
}
