"""The append-only record of who did what, and the versions of what was published."""
