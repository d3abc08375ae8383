"""Asking for a download of a campaign."""
