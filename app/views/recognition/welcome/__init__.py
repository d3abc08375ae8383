"""Pages that welcome newcomers."""
