"""What is new in a campaign or a space, for news readers."""
