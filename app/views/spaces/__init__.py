"""Views of spaces and invitations."""
