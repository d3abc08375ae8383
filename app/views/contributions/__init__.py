"""Views of contributions."""
