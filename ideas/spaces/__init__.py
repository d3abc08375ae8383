"""Spaces: who is together in a community or a section of it, and who may see and take part in a campaign."""
