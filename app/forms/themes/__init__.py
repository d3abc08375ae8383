"""Forms of themes."""
