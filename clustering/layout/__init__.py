"""The map: where themes and ideas are drawn."""
