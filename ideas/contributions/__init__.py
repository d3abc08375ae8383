"""What people send: ideas, comments, votes, reactions, imported files."""
