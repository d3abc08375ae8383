"""What every page is made of: its values, language, dates and addresses."""
