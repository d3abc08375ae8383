"""The map of a run.

islands: where themes, their ideas and leftovers go. picture: the coordinates of a whole run.
"""
