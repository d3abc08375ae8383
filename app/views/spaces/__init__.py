"""Pages of spaces, of invitations, of the audience of a campaign, and of the attributes of members."""
