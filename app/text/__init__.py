"""Texts that people wrote, and sentences made from facts, as pages and mails show them."""
