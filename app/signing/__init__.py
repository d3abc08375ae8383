"""Who calls: signing in and out, links of account mails, browsers, and callers as limits count them."""
