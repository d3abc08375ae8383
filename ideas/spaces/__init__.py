"""Who may see and take part: invitations."""
