"""How the site is, for whoever watches it and for administrators."""
