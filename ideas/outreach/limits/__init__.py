"""What a person is sent: how much of it in a week, and in which hours."""
