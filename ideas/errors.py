"""What the domain says when a rule forbids an act: a sentence for the person, mapped once to a page by the web."""

from typing import Any


def message_id(text: str) -> str:
    """Mark a sentence for translation where it stands; the web translates it when it is shown."""
    return text


class DomainError(Exception):
    """A rule said no. `message` is a translatable sentence with named places, filled from `values`."""

    message: str = message_id("This can't be done.")

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.message % values)


class NotAllowed(DomainError):
    """The person has no right to this act."""

    message = message_id("You are not allowed to do this.")


class Conflict(DomainError):
    """The state of things has changed: the act no longer applies."""

    message = message_id("This was changed meanwhile. Look at the page again, then repeat what you wanted to do.")


class InvalidText(DomainError):
    """A text that can't be taken as it is."""

    message = message_id("This text can't be read.")


class EmptyText(InvalidText):
    message = message_id("Write something first: this text is empty.")


class TooLong(InvalidText):
    message = message_id("This text has %(length)s characters; at most %(most)s fit. Shorten it a little.")
