"""Copies of everything that a site keeps, made while it runs, the way back, and the rehearsal of it."""
