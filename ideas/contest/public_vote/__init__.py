"""A public vote on the shortlist of a contest."""
