"""Pages of points, badges and standings."""
