"""Imports of ideas from a file: its rows, those that are known already, what became of them, and the undoing."""
