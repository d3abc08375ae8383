"""Views of the organisation."""
