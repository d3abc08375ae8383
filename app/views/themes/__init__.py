"""Views of themes."""
