"""One page that tells a whole run, to read offline or print: no script, nothing from outside."""
