"""How SQLite and PostgreSQL are spoken to, and the way from one to the other."""
