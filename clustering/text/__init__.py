"""Texts: cleaning, duplicates, language, tokens and their tags, lexical features."""
