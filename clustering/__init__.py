"""Texts in, themes out: no web, no database. Call pipeline.find_themes; results are in types."""
