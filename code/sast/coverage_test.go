package sast

import (
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/finding"
)

// TestSourcesAreCovered: what comes in by each of these ways is a source, by a name that
// models have.
func TestSourcesAreCovered(t *testing.T) {
	for what, names := range map[string][]string{
		"Flask":                 {"flask.request.args", "flask.request.get_json", "flask.Flask.route"},
		"FastAPI":               {"fastapi.FastAPI.post", "fastapi.APIRouter.get"},
		"Starlette":             {"starlette.requests.Request.query_params", "starlette.requests.Request.json"},
		"Django":                {"django.http.HttpRequest.GET", "django.http.HttpRequest.body"},
		"aiohttp":               {"aiohttp.web.Request.json", "aiohttp.web.Request.query"},
		"Tornado":               {"tornado.web.RequestHandler.get_argument", "tornado.websocket.WebSocketHandler.on_message"},
		"gRPC":                  {"*Servicer.*"},
		"Streamlit":             {"streamlit.text_input", "streamlit.chat_input", "streamlit.file_uploader"},
		"Gradio":                {"gradio.Interface", "gradio.Button.click"},
		"command line":          {"sys.argv", "argparse.ArgumentParser.parse_args", "click.command", "typer.Typer.command"},
		"environment":           {"os.environ", "os.getenv"},
		"standard input":        {"input", "sys.stdin"},
		"sockets":               {"socket.socket.recv", "zmq.Socket.recv"},
		"databases":             {"sqlite3.Cursor.fetchone", "db.Cursor.fetchall"},
		"openai":                {"openai.OpenAI.chat.completions.create", "openai.OpenAI.responses.create"},
		"anthropic":             {"anthropic.Anthropic.messages.create"},
		"google-genai":          {"google.genai.Client.models.generate_content"},
		"mistral":               {"mistralai.Mistral.chat.complete"},
		"cohere":                {"cohere.Client.chat"},
		"ollama":                {"ollama.chat", "ollama.Client.chat"},
		"litellm":               {"litellm.completion", "litellm.Router.acompletion"},
		"bedrock":               {"boto3.client().converse", "boto3.client().invoke_model"},
		"langchain":             {"langchain_core.language_models.BaseChatModel.invoke", "langchain.chains.Chain.run"},
		"llama-index":           {"llama_index.core.QueryEngine.query", "llama_index.core.ChatEngine.chat"},
		"haystack":              {"haystack.Pipeline.run"},
		"dspy":                  {"dspy.Predict()", "dspy.ChainOfThought()"},
		"transformers pipeline": {"transformers.pipeline()"},
		"transformers generate": {"transformers.Model.generate"},
		"vllm":                  {"vllm.LLM.generate", "vllm.LLM.chat"},
		"retrieved documents":   {"langchain_core.retrievers.Retriever.invoke", "chromadb.Collection.query", "llama_index.core.Retriever.retrieve"},
		"tool handlers":         {"langchain_core.tools.tool", "agents.function_tool", "smolagents.Tool.forward"},
		"MCP handlers":          {"fastmcp.FastMCP.tool", "mcp.server.Server.call_tool"},
		"tool results":          {"mcp.ClientSession.call_tool"},
		"uploads":               {"flask.request.files", "starlette.datastructures.UploadFile.read", "django.http.HttpRequest.FILES"},
		"secrets":               {"keyring.get_password"},
		"personal data":         {"django.http.HttpRequest.user.email"},
	} {
		k, err := builtIn()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			c := k.spec.Calls[n]
			if k.spec.Reads[n] == "" && k.spec.Params[n] == nil && (c == nil || c.Source == "" && len(c.Feeds) == 0) {
				t.Errorf("%s: %s is no source", what, n)
			}
		}
	}
}

// TestSinksAreCovered: each of these weaknesses has a rule with the weakness's id, and
// at least one sink or call in the models.
func TestSinksAreCovered(t *testing.T) {
	k, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	sinks := map[string]int{}
	count := func(calls map[string]*pyflow.Call) {
		for _, c := range calls {
			for _, s := range c.Sinks {
				sinks[s.Rule]++
			}
		}
	}
	count(k.spec.Calls)
	count(k.spec.Methods)
	for what, want := range map[string]struct {
		rules []string
		cwe   string
		kind  string // of sinks
	}{
		"code":                   {[]string{"code/code-injection"}, "CWE-94", "code"},
		"shell":                  {[]string{"code/command-injection"}, "CWE-78", "shell"},
		"arguments of programs":  {[]string{"code/argument-injection"}, "CWE-88", "argument"},
		"SQL":                    {[]string{"code/sql-injection", "code/sql-agent"}, "CWE-89", "sql"},
		"document databases":     {[]string{"code/nosql-injection"}, "CWE-943", "nosql"},
		"paths":                  {[]string{"code/path-traversal"}, "CWE-22", "path"},
		"archives":               {[]string{"code/archive-traversal"}, "CWE-22", "archive"},
		"deserialisation":        {[]string{"code/unsafe-deserialization", "code/pickle-load"}, "CWE-502", "deserialization"},
		"models":                 {[]string{"code/untrusted-model", "code/torch-load-unsafe", "code/keras-unsafe-mode", "code/numpy-allow-pickle", "code/skops-trusted-all"}, "CWE-502", "model-load"},
		"templates":              {[]string{"code/template-injection"}, "CWE-1336", "template"},
		"format strings":         {[]string{"code/format-string"}, "CWE-134", "format"},
		"HTML":                   {[]string{"code/cross-site-scripting"}, "CWE-79", "html"},
		"LDAP":                   {[]string{"code/ldap-injection"}, "CWE-90", "ldap"},
		"XPath":                  {[]string{"code/xpath-injection"}, "CWE-643", "xpath"},
		"XML entities":           {[]string{"code/xml-external-entities", "code/xml-external-entities-on", "code/xml-parser-entities"}, "CWE-611", "xml"},
		"XML expansion":          {[]string{"code/xml-entity-expansion"}, "CWE-776", "xml-expansion"},
		"redirects":              {[]string{"code/open-redirect"}, "CWE-601", "redirect"},
		"requests to servers":    {[]string{"code/server-side-request-forgery"}, "CWE-918", "ssrf"},
		"headers":                {[]string{"code/header-injection"}, "CWE-113", "header"},
		"cookies":                {[]string{"code/cookie-injection"}, "CWE-565", "cookie"},
		"cookie flags":           {[]string{"code/insecure-cookie", "code/cookie-without-secure"}, "CWE-614", ""},
		"logs":                   {[]string{"code/log-injection"}, "CWE-117", "log"},
		"regular expressions":    {[]string{"code/regex-denial", "code/catastrophic-regex"}, "CWE-1333", "regex"},
		"mass assignment":        {[]string{"code/mass-assignment"}, "CWE-915", "mass-assignment"},
		"system prompts":         {[]string{"code/system-prompt-injection"}, "CWE-1427", "system-prompt"},
		"prompts":                {[]string{"code/indirect-prompt-injection"}, "CWE-1427", "prompt"},
		"secrets in prompts":     {[]string{"code/secret-in-prompt"}, "CWE-200", "llm-secret"},
		"secrets in logs":        {[]string{"code/secret-in-log", "code/secret-logged-by-name"}, "CWE-532", "log-secret"},
		"unbounded consumption":  {[]string{"code/unbounded-consumption"}, "CWE-770", "dos"},
		"imports":                {[]string{"code/import-injection", "code/reflection"}, "CWE-470", "import"},
		"trust boundaries":       {[]string{"code/trust-boundary"}, "CWE-501", "session"},
		"predictable numbers":    {[]string{"code/weak-random", "code/predictable-session"}, "CWE-330", "identity"},
		"hashes":                 {[]string{"code/weak-hash", "code/weak-hash-by-name"}, "CWE-328", ""},
		"ciphers":                {[]string{"code/weak-cipher", "code/weak-cipher-mode", "code/short-key"}, "CWE-32", ""},
		"keys in the code":       {[]string{"code/hard-coded-key", "code/hard-coded-jwt-key", "code/hard-coded-credential"}, "CWE-798", ""},
		"TLS":                    {[]string{"code/no-certificate-check", "code/unverified-context", "code/old-tls"}, "CWE-", ""},
		"code of model owners":   {[]string{"code/trust-remote-code", "code/unpinned-model", "code/torch-hub"}, "CWE-", ""},
		"excessive agency":       {[]string{"code/dangerous-agent-option", "code/code-tool", "code/autogen-without-docker", "code/local-code-executor", "code/smolagents-all-imports", "code/crewai-code-execution", "code/agent-without-approval"}, "CWE-", ""},
		"exposed servers":        {[]string{"code/exposed-server", "code/gradio-share", "code/gradio-exposed", "code/exposed-ray", "code/flask-debug"}, "CWE-", ""},
		"missing authentication": {[]string{"code/open-inference-route"}, "CWE-306", ""},
	} {
		for _, id := range want.rules {
			i := slices.IndexFunc(k.rules.all, func(r finding.Rule) bool { return r.ID == id })
			if i < 0 {
				t.Errorf("%s: there is no rule %s", what, id)
				continue
			}
			if !slices.ContainsFunc(k.rules.all[i].CWE, func(c string) bool { return strings.HasPrefix(c, want.cwe) }) {
				t.Errorf("%s: %s does not name %s", what, id, want.cwe)
			}
		}
		if want.kind != "" && (sinks[want.kind] == 0 || k.rules.taint[want.kind] == nil) {
			t.Errorf("%s: no sink or no rule of kind %s", what, want.kind)
		}
	}
	for _, kind := range sinkIDs {
		if (sinks[kind] == 0) != (k.rules.taint[kind] == nil) {
			t.Errorf("kind %s: %d sinks, rule %v", kind, sinks[kind], k.rules.taint[kind] != nil)
		}
	}
}
