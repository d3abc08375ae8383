"""The map of themes: its islands, the names on it, and the ideas in an area of it. Pure functions."""
