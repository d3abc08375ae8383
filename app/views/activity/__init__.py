"""Views of the activity log."""
