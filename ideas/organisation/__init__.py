"""The organisation that runs the site: its settings, looks, legal documents and periods."""
