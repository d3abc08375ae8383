"""Phrases of texts: found, counted, and ranked for each group."""
