"""What moderators and authors do with the text of an idea."""
