"""What mails tell of ideas, answers and actions, and how they say it."""
