"""Notifications on devices (Web Push), sent with the mails that tell the same."""
