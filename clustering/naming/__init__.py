"""Names, phrases and exemplars of themes, families and the nodes of the hierarchy."""
