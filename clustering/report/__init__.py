"""The report of a run: one HTML page to read offline or print, in French or in English."""
