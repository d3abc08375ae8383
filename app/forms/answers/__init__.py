"""Forms of answers."""
