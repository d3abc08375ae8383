"""Pages of spaces, of the audience of a campaign, and of the attributes of members."""
