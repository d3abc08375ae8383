"""Pages of the debrief, before and after it is published."""
