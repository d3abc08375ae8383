"""Pages of moderation: reports, the moderators' queue, sanctions, the public policy."""
