"""What the pipeline found, and how it becomes the themes of a campaign.

run: what a run starts from and gives. granularity: fewer or more themes, cut from the last run. apply: a run replaces
the themes, or becomes a proposal. proposal: a run that waits for a manager. difference: what it would change. accept:
a manager takes it, whole or in part, or declines it.
"""
