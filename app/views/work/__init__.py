"""Views of the work done off the request."""
