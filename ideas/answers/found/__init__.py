"""What a search of the whole site found: what it can be narrowed to, and the best of it first."""
