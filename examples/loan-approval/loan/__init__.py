"""The loan approval model and its service."""
