"""What protects people: reports, the moderators' queue, their acts."""
