"""Downloads of a campaign: its ideas, themes, answers and responses as files."""
