"""Notifications on a device, through the browser, for who asked for them there."""
