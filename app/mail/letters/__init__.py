"""The text of mails: of notices, digests, newsletters and accounts, and to authors without one."""
