"""The domain: people, campaigns, ideas, themes, decisions, debriefs. Plain SQLAlchemy models and plain functions."""
