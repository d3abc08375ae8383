"""What becomes of an action once it is promised: its versions, and how it changes."""
