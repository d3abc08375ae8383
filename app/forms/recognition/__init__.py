"""Forms of points and standings."""
