"""Views of what people say about a debrief."""
