"""Who is here, what they may do on the site, and what limits or stops them."""
