"""What people say to each other about ideas: threads, questions to the team, mentions, comments of the month."""
