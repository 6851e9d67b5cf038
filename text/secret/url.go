package secret

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// urlTypes are passwords in addresses, told by the scheme (RFC 3986, section 3.2.1:
// user and password before the host).
var urlTypes = []Type{
	{ID: "url-password-postgres", Provider: "PostgreSQL", Title: "password in a connection string", Severity: high},
	{ID: "url-password-mysql", Provider: "MySQL or MariaDB", Title: "password in a connection string", Severity: high},
	{ID: "url-password-mongodb", Provider: "MongoDB", Title: "password in a connection string", Severity: high},
	{ID: "url-password-redis", Provider: "Redis or Valkey", Title: "password in a connection string", Severity: high},
	{ID: "url-password-amqp", Provider: "RabbitMQ (AMQP)", Title: "password in a connection string", Severity: high},
	{ID: "url-password-mssql", Provider: "SQL Server", Title: "password in a connection string", Severity: high},
	{ID: "url-password-oracle", Provider: "Oracle Database", Title: "password in a connection string", Severity: high},
	{ID: "url-password-clickhouse", Provider: "ClickHouse", Title: "password in a connection string", Severity: high},
	{ID: "url-password-neo4j", Provider: "Neo4j", Title: "password in a connection string", Severity: high},
	{ID: "url-password-snowflake", Provider: "Snowflake", Title: "password in a connection string", Severity: high},
	{ID: "url-password-cockroachdb", Provider: "CockroachDB", Title: "password in a connection string", Severity: high},
	{ID: "url-password-kafka", Provider: "Kafka", Title: "password in a connection string", Severity: high},
	{ID: "url-password-nats", Provider: "NATS", Title: "password in a connection string", Severity: high},
	{ID: "url-password-mqtt", Provider: "MQTT broker", Title: "password in a connection string", Severity: high},
	{ID: "url-password-ldap", Provider: "LDAP directory", Title: "password in an address", Severity: high},
	{ID: "url-password-smtp", Provider: "mail server", Title: "password in an address", Severity: high},
	{ID: "url-password-ftp", Provider: "FTP server", Title: "password in an address", Severity: high},
	{ID: "url-password-ssh", Provider: "SSH or SFTP server", Title: "password in an address", Severity: high},
	{ID: "url-password-http", Provider: "web service", Title: "password in an address", Severity: high},
	{ID: "url-password", Provider: "the service", Title: "password in an address", Severity: high},
}

var schemeType = map[string]string{
	"postgres": "postgres", "postgresql": "postgres", "pgsql": "postgres", "mysql": "mysql", "mariadb": "mysql", "mysqlx": "mysql",
	"mongodb": "mongodb", "redis": "redis", "rediss": "redis", "valkey": "redis", "amqp": "amqp", "amqps": "amqp", "pyamqp": "amqp",
	"mssql": "mssql", "sqlserver": "mssql", "oracle": "oracle", "clickhouse": "clickhouse", "clickhousedb": "clickhouse", "neo4j": "neo4j", "bolt": "neo4j",
	"snowflake": "snowflake", "cockroachdb": "cockroachdb", "kafka": "kafka", "nats": "nats", "mqtt": "mqtt", "mqtts": "mqtt", "ldap": "ldap", "ldaps": "ldap",
	"smtp": "smtp", "smtps": "smtp", "imap": "smtp", "imaps": "smtp", "ftp": "ftp", "ftps": "ftp", "ssh": "ssh", "sftp": "ssh", "git": "http", "http": "http", "https": "http",
}

// url judges the address whose "://" begins at i.
func (s *scanState) url(i int) {
	from := i
	for from > 0 && i-from < 24 && (nameByte(s.text[from-1]) || s.text[from-1] == '+') {
		from--
	}
	scheme := strings.ToLower(string(s.text[from:i]))
	if j := strings.LastIndexAny(scheme, "._-"); j >= 0 {
		scheme = scheme[j+1:]
	}
	begin := i + len("://")
	limit := min(len(s.text), begin+400)
	colon, end := -1, -1
	for j := begin; j < limit && end < 0; j++ {
		switch c := s.text[j]; {
		case c == '@':
			end = j
		case c == ':' && colon < 0:
			colon = j
		case c <= ' ' || c == '/' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == '\\' || c == '?' || c == '(' || c == ')' || c == ',' || c >= 0x80:
			return
		}
	}
	if colon < 0 || end < 0 || end-colon-1 < 4 || end+1 >= len(s.text) || s.text[end+1] <= ' ' {
		return
	}
	user, pass := string(s.text[begin:colon]), string(s.text[colon+1:end])
	if plain, err := url.PathUnescape(pass); err == nil {
		pass = plain
	}
	host := s.text[end+1 : min(len(s.text), end+65)]
	if n := bytes.IndexAny(host, "/:?\"'` \n)"); n >= 0 {
		host = host[:n]
	}
	if len(host) == 0 || strings.ContainsAny(pass, "{}[]|*") || strings.HasPrefix(pass, "$") || strings.HasPrefix(pass, "%s") || strings.EqualFold(user, pass) || token.IsPlaceholder(pass) {
		return
	}
	conf, sev := finding.Likely, finding.Severity(0)
	switch token.Classify(pass) {
	case token.Random, token.Hash, token.UUID:
	case token.Mixed:
		conf, sev = finding.Unsure, medium
	default:
		if madeUp(host) || len(pass) < 6 {
			return
		}
		conf, sev = finding.Unsure, medium
	}
	id := "url-password"
	base, driver, _ := strings.Cut(scheme, "+")
	if t, ok := schemeType[base]; ok {
		id += "-" + t
	} else if t, ok := schemeType[driver]; ok {
		id += "-" + t
	}
	s.put(id, colon+1, end, user, rankURL, sev, conf)
}

// madeUp reports whether documentation writes such a host.
func madeUp(host []byte) bool {
	h := strings.ToLower(string(host))
	return !strings.Contains(h, ".") || strings.HasPrefix(h, "127.") || strings.HasPrefix(h, "0.0.0.0") || strings.HasPrefix(h, "192.168.") || strings.HasPrefix(h, "10.") ||
		strings.Contains(h, "example") || strings.Contains(h, "test") || strings.Contains(h, "foo") || strings.Contains(h, "host") || strings.Contains(h, "domain") || strings.Contains(h, "server.") || strings.Contains(h, "proxy")
}
