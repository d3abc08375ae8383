"""Downloads of a campaign."""
