"""Accounts: sign-up, identities, sessions, and the links of their mails."""
