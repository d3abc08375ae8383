"""Who is told of which act: one table of rules, and for each subject the people whom its acts concern."""
