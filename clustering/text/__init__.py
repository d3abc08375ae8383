"""Reading texts: cleaning, language, tokens, duplicates, lexical features."""
