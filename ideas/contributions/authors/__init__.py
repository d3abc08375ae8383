"""Who wrote an idea: its author, and the people whom the author invited to write it with them."""
