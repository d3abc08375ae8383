"""Jobs: work done off the request; schedules: what recurs."""
