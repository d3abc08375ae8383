"""What became of the ideas of one person: for members, and for authors of imported ideas."""
