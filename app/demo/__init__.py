"""A living community to try everything on: the texts stand in the JSON files beside, themes are found, never given."""
