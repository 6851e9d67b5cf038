// Package agentconf looks at what agents are told and given: configurations of MCP
// servers of all clients, instruction files and skills, prompts, definitions of tools,
// plugin manifests, agent cards, and the YAML of agent frameworks.
package agentconf
