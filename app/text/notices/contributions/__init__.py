"""The sentences of notices about ideas, their authors and their comments."""
