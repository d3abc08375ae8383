"""Names, phrases and verbatims: what groups of ideas are called, in the words of their members."""
