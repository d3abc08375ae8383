"""What the ideas say together: themes, placements, runs, proposals, edits."""
