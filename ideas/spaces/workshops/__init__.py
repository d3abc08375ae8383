"""Workshops: meetings that the moderators of a space announce to its members."""
