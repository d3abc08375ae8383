"""How taking part is thanked: points, badges and standings, all computed from facts."""
