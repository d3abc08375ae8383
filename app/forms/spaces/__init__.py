"""Forms of spaces, invitations and audiences."""
