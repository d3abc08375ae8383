"""Forms of moderation: reports, what moderators do, sanctions and appeals."""
