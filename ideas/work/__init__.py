"""Jobs: work done off the request."""
