"""Forms of contests."""
