"""Names, phrases and verbatims of themes and families."""
