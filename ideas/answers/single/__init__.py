"""The answer to one idea, apart from those to themes."""
