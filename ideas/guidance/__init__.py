"""Help for those who run a campaign: a checklist of good practice."""
