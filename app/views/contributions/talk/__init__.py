"""Views of what people say about an idea."""
