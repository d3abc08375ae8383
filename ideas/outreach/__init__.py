"""Notifying people: the mails that are sent to them."""
