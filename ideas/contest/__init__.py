"""Contests: the jury and its criteria, scores, ranking, winners."""
