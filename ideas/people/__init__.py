"""Who is here, how they sign in, and what they agreed to."""
