"""How the team works through a campaign's ideas."""
