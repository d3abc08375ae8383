"""Who leads a campaign: its team with roles, how they are invited, the owner and their portrait."""
