"""Phases of a campaign: what may be done in it between which instants."""
