"""Forms of spaces."""
