"""Forms of spaces and invitations."""
