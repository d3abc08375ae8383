"""Uploaded files with rows: what they hold, and what may be wrong with them."""
