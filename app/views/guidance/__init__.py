"""Pages that help those who run a campaign."""
