// Package jinja reads Jinja templates (https://jinja.palletsprojects.com, version
// 3.1, with the block that chat templates add) into a syntax tree and never renders
// them.
package jinja

// HintChatTemplate is the hint of a derived file that is a chat template, whatever
// its name.
const HintChatTemplate = "jinja-chat-template"
