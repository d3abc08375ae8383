"""The photos and documents of an idea."""
