"""Errors of the domain: each has a sentence for the person. The web turns it into a page in one place."""

from typing import Any


def message_id(text: str) -> str:
    """Mark a sentence for translation. Returns it unchanged: the web translates it when it is shown."""
    return text


class DomainError(Exception):
    """A rule forbids the act. `message` is a translatable sentence with named placeholders, filled from `values`."""

    message: str = message_id("This can't be done.")

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.message % values)


class NotAllowed(DomainError):
    """The person may not do this."""

    message = message_id("You are not allowed to do this.")


class Conflict(DomainError):
    """Somebody changed the same thing meanwhile, so the act no longer applies."""

    message = message_id("This was changed meanwhile. Look at the page again, then repeat what you wanted to do.")


class InvalidText(DomainError):
    """A text that can't be stored as it is."""

    message = message_id("This text can't be read.")


class EmptyText(InvalidText):
    message = message_id("Write something first: this text is empty.")


class TooLong(InvalidText):
    message = message_id("This text has %(length)s characters; at most %(most)s fit. Shorten it a little.")
