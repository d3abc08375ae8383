"""The debrief: its text, what it rests on, and what people answer to it."""
