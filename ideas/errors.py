"""Errors of the domain: each has a sentence for the person. The web turns it into a page in one place."""

from typing import Any


def message_id(text: str) -> str:
    """Mark a sentence for translation. Returns it unchanged: the web translates it when it is shown."""
    return text


class DomainError(Exception):
    """A rule forbids the act. `message` is a translatable sentence with named placeholders, filled from `values`."""

    message: str = message_id("We could not do that. Go back, reload the page and try again.")

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.message % values)


class NotAllowed(DomainError):
    """The person may not do this."""

    message = message_id("You don’t have permission to do this. Ask the campaign lead.")


class Conflict(DomainError):
    """Somebody changed the same thing meanwhile, so the act no longer applies."""

    message = message_id("Someone changed this in the meantime. Check the page, then try again.")


class DeletedMeanwhile(Conflict):
    """What the act is about is gone, and the page of its form with it."""

    message = message_id("Someone deleted this in the meantime, so your change was not saved.")


class InvalidText(DomainError):
    """A text that can't be stored as it is."""

    message = message_id("This text can’t be read. Copy it again as plain text.")


class EmptyText(InvalidText):
    message = message_id("This text is empty. Write something first.")


class TooLong(InvalidText):
    message = message_id("Your text is too long. Characters to remove: %(over)s. The limit is %(most)s.")
