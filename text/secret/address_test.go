package secret_test

import (
	"fmt"
	"testing"

	"github.com/merlon-security/merlon/text/secret"
)

// describe lists what is found as "type severity value".
func describe(text string) string {
	out := ""
	for _, m := range secret.Default().Find([]byte(text)) {
		out += fmt.Sprintf("[%s %s %s]", m.Type.ID, m.Severity, text[m.Start:m.End])
	}
	return out
}

func TestAddresses(t *testing.T) {
	const pw = "pJKx2J2aWUhzq0Wx29"
	for text, want := range map[string]string{
		"postgres://app:" + pw + "@db.corp.net:5432/x":                  "[url-password-postgres high " + pw + "]",
		"postgresql+asyncpg://app:" + pw + "@db/x":                      "[url-password-postgres high " + pw + "]",
		"mongodb+srv://app:" + pw + "@c0.mongodb.net/x":                 "[url-password-mongodb high " + pw + "]",
		"redis://:" + pw + "@cache:6379/0":                              "[url-password-redis high " + pw + "]",
		"git clone https://ada:" + pw + "@git.corp.net/a.git":           "[url-password-http high " + pw + "]",
		"amqps://app:" + pw + "@mq/vhost":                               "[url-password-amqp high " + pw + "]",
		"snowflake://app:" + pw + "@account/db":                         "[url-password-snowflake high " + pw + "]",
		"weird+thing://app:" + pw + "@host/db":                          "[url-password high " + pw + "]",
		"postgres://user:password@localhost/db":                         "",
		"postgres://postgres:postgres@localhost:5432/db":                "",
		"mysql://root:${MYSQL_PASSWORD}@db/x":                           "",
		"redis://:{password}@{host}:6379":                               "",
		"https://user:pass@example.com/":                                "",
		"http://proxy-user:proxy-pass@proxy.local:3128":                 "",
		"https://github.com/a/b/blob/main/x.py#L10:L20@v1":              "",
		"https://host:8080/path@thing":                                  "",
		"see http://[::1]:80/ or user@host":                             "",
		"postgres://$USER:$PASSWORD@host/db":                            "",
		"mysql+pymysql://<user>:<password>@<host>/<db>":                 "",
		"amqp://guest:guest@rabbit:5672//":                              "",
		"jdbc:postgresql://db.corp.net/x?user=app&password=" + pw:       "[generic-password high " + pw + "]",
		"Server=db;Database=x;User Id=sa;Password=" + pw + ";Encrypt=1": "[generic-password high " + pw + "]",
	} {
		if got := describe(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestAssignments: what a name promises and a value keeps.
func TestAssignments(t *testing.T) {
	const v, p = "tPH8hor2iQ0ciUzg81d7HNIYfgkj", "k3Vq9xLm2TzRw7pQ"
	for text, want := range map[string]string{
		`api_key = "` + v + `"`:                                "[generic-api-key high " + v + "]",
		`apiKey: '` + v + `',`:                                 "[generic-api-key high " + v + "]",
		`client_secret=` + v:                                   "[generic-secret high " + v + "]",
		`--token ` + v:                                         "[generic-token high " + v + "]",
		`<password>` + p + `</password>`:                       "[generic-password high " + p + "]",
		`Authorization: Bearer ` + v:                           "[bearer-token high " + v + "]",
		`headers={"Authorization": "Bearer ` + v + `"}`:        "[bearer-token high " + v + "]",
		`os.environ["DB_PASSWORD"] = "` + p + `"`:              "[generic-password high " + p + "]",
		`os.getenv("DB_PASSWORD", "` + p + `")`:                "[generic-password high " + p + "]",
		`password: SecretStr = SecretStr("` + p + `")`:         "[generic-password high " + p + "]",
		"- name: DB_PASSWORD\n  value: " + p + "\n":            "[generic-password high " + p + "]",
		`{"name": "API_KEY", "value": "` + v + `"}`:            "[generic-api-key high " + v + "]",
		"machine api.corp.net login ada password " + p + "\n":  "[generic-password high " + p + "]",
		`if token == "` + v + `":`:                             "[generic-token high " + v + "]",
		`"{\"password\": \"` + p + `\"}"`:                      "[generic-password high " + p + "]",
		"curl -s -u ada:" + p + " https://api.corp.net/x":      "[basic-auth high " + p + "]",
		"curl -u 'ada:" + p + "' \\\n  https://api.corp.net/x": "[basic-auth high " + p + "]",
		"curl -u user:password https://x":                      "",
		"curl https://x\nchown -u a:k3Vq9xLm2TzRw7pQ":          "",
		`key=%22` + v + `%22`:                                  "",

		`pad_token = "<|endoftext|>"`:                            "",
		`tokenizer = AutoTokenizer.from_pretrained("gpt2")`:      "",
		`tokens = tokenizer.encode(text)`:                        "",
		`next_page_token: "` + v + `"`:                           "",
		`password = getpass.getpass("Password: ")`:               "",
		`password = "changeme"`:                                  "",
		`secret = os.environ["CLIENT_SECRET_OF_THE_APP_17"]`:     "",
		`api_key: str = Field(description="the key to be used")`: "",
		`secret_name: "prod/db/main-password-2024"`:              "",
		`public_key = "` + v + `"`:                               "",
		`password_hash = "5f4dcc3b5aa765d61d8327deb882cf99"`:     "",
		`token = "Qwen3ForCausalLM"`:                             "",
		`API_KEYS = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"]`:     "",
		`{{ .Values.password | quote }}`:                         "",
		`password: {{ vault_db_password }}`:                      "",
		`token: ${{ secrets.GITHUB_TOKEN }}`:                     "",
	} {
		if got := describe(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestCommands: passwords in the arguments of programs and calls, and what is none.
func TestCommands(t *testing.T) {
	pass := "48FcB9Q88zxNWtKq"
	for text, want := range map[string]string{
		"sshpass -p '" + pass + "' ssh root@10.1.1.1\n":          "generic-password",
		"docker login -u ci -p " + pass + " registry.corp.io\n":  "generic-password",
		"docker login --password=" + pass + " registry\n":        "generic-password",
		"mysql -u root -p" + pass + " prod\n":                    "generic-password",
		"server.login(\"bot@corp.io\", \"" + pass + "\")\n":      "generic-password",
		"const API_KEY: &str = \"" + pass + pass[:9] + "xT\";\n": "generic-api-key",
		"docker login -u ci --password-stdin registry.corp.io\n": "",
		"mysql -u root -p prod\n":                                "",
		"sshpass -p \"$PASSWORD\" ssh x\n":                       "",
		"server.login(user, password)\n":                         "",
		"client.login(\"user\", \"password\")\n":                 "",
		"mysql -h db --port=3306 -u root\n":                      "",
	} {
		got := ""
		for _, m := range secret.Default().Find([]byte(text)) {
			got = m.Type.ID
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}
