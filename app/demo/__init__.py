"""A demo community to try everything on. The texts are in the JSON files here; the pipeline finds the themes."""
