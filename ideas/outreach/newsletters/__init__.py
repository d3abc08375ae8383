"""Newsletters: mass mail to the people of a space, which one referent approves."""
