// Package mcp asks a server of the Model Context Protocol what it offers: tools,
// resources, templates of resources and prompts. It calls no tool, reads no resource
// and gets no prompt.
//
// For most uses call [Inspect] with a dialer of engine/mcp/stdio or engine/mcp/web.
//
// A server is not trusted: every message, list, page and wait is bounded, and what was
// listed before something went wrong is kept.
//
// Sources: the specification of the protocol in its revisions 2024-11-05, 2025-03-26,
// 2025-06-18, 2025-11-25 (initialize and a session) and 2026-07-28 (server/discover,
// no session, metadata in each request); JSON-RPC 2.0.
package mcp
