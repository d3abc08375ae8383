"""Telling people: the mail that is sent to them."""
