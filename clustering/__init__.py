"""Texts in, themes out. Nothing is imported here, so that importing one module costs only that module."""
