"""The sentences of notices about answers to themes and ideas, and about actions."""
