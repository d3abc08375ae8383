"""Newsletters: writing them, what is done with them, their links, and who gets them."""
