package agentconf

import (
	"path"
	"slices"
	"strings"
)

// kind is what a file is, by its name.
type kind uint8

const (
	other  kind = iota
	config      // JSON, TOML or YAML that may name servers
	told        // text that an agent reads as instructions
	prompt      // text for a model, written by the project
	card        // agent card, plugin manifest, list of tools
	listed      // what a server said of itself to merlon agent inspect
	flow        // YAML of an agent framework
)

// names are files by their whole name, in lower case.
var names = map[string]kind{
	".mcp.json": config, "mcp.json": config, "mcp.jsonc": config, "claude_desktop_config.json": config, ".claude.json": config, "claude.json": config,
	"settings.json": config, "settings.local.json": config, "managed-settings.json": config, "managed-mcp.json": config, "mcp_config.json": config, "mcp-config.json": config,
	"cline_mcp_settings.json": config, "mcp_settings.json": config, "mcp-settings.json": config, "mcpservers.json": config, "mcp_servers.json": config, "mcp-servers.json": config,
	"opencode.json": config, "opencode.jsonc": config, "crush.json": config, ".crush.json": config, "gemini-extension.json": config, "devcontainer.json": config, ".devcontainer.json": config, "config.toml": config,
	"mcp.yaml": config, "mcp.yml": config, "librechat.yaml": config, "config.yaml": config, "config.json": config, "mcp.toml": config, "amp.json": config, "cli-config.json": config, ".rooignore": other,

	"agents.md": told, "agent.md": told, "claude.md": told, "claude.local.md": told, "gemini.md": told, "qwen.md": told, "skill.md": told, "codex.md": told, "jules.md": told, "warp.md": told,
	".cursorrules": told, ".windsurfrules": told, ".clinerules": told, ".roorules": told, ".goosehints": told, "copilot-instructions.md": told, ".junie.md": told, "guidelines.md": told, ".aider.conf.yml": config,

	"agent-card.json": card, "agent.json": card, "ai-plugin.json": card, "tools.json": card, "openapi.json": card, "agents.json": card, "mcp-tools.json": card,

	"agents.yaml": flow, "agents.yml": flow, "tasks.yaml": flow, "crew.yaml": flow, "oai_config_list.json": other, "agent.yaml": flow, "agent.yml": flow, "autogen.yaml": flow, "team.yaml": flow, "chain.yaml": flow,
}

// ends are files by the end of their name.
var ends = map[string]kind{".mdc": told, ".prompt.md": told, ".instructions.md": told, ".chatmode.md": told, ".agent.md": told,
	".prompt": prompt, ".prompty": prompt, ".prompt.yml": prompt, ".prompt.yaml": prompt, ".prompt.txt": prompt, ".code-workspace": config, ListingSuffix: listed}

// texts are ends of files that are prompts or instructions in folders for those.
var texts = []string{".md", ".txt", ".j2", ".jinja", ".jinja2", ".yaml", ".yml", ".mustache", ".hbs", ".tmpl", ".xml"}

var (
	promptFolders = []string{"prompts", "prompt", "system_prompts", "system-prompts", "prompt_templates", "prompt-templates"}
	toldFolders   = []string{".claude", ".cursor", ".clinerules", ".windsurf", ".roo", ".continue", ".codex", ".gemini", ".junie", ".amazonq", ".kiro", "skills", ".agents", ".opencode", ".goose"}
)

// kindOf tells what a file is by its path.
func kindOf(name string) kind {
	name = strings.ToLower(strings.ReplaceAll(name, `\`, "/"))
	base := path.Base(name)
	if k, ok := names[base]; ok && (base != "guidelines.md" || strings.Contains(name, ".junie/")) {
		return k
	}
	for end, k := range ends {
		if strings.HasSuffix(base, end) && len(base) > len(end) {
			return k
		}
	}
	if !slices.Contains(texts, path.Ext(base)) {
		return other
	}
	for _, dir := range strings.Split(path.Dir(name), "/") {
		switch {
		case slices.Contains(promptFolders, dir):
			return prompt
		case slices.Contains(toldFolders, dir) && path.Ext(base) == ".md":
			return told
		}
	}
	return other
}
