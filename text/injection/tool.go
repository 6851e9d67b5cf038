package injection

// FindInTool is [Find] for what a server says of a tool: a text that others have
// written, and that the model follows as soon as the tool is listed. field is the name
// of the value that holds the text.
func FindInTool(text, field string) []Match {
	return Find(text)
}

// Does says in words what a phrase of a kind does.
func (k Kind) Does() string {
	switch k {
	case Override:
		return "tells the model to drop its instructions"
	case Secrecy:
		return "tells the model to keep something from the user"
	case Steal:
		return "asks for credentials or for the conversation"
	case Send:
		return "tells the model to send something away"
	case Command:
		return "puts itself before or instead of other tools"
	case Unasked:
		return "tells the model to act without a question"
	}
	return "speaks as if it were the system"
}
