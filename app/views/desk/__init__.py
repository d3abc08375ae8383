"""Pages on which the team works through a campaign's ideas."""
