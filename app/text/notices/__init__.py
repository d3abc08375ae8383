"""The sentences of notices, and the page that each leads to."""
