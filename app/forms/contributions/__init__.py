"""Forms of contributions."""
