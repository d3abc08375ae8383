"""What a reader sees of the comments on an idea."""

from ideas.contributions.talk.thread import threads_on


def shown_on(session, idea, reader=None):
    """The comments with their replies, in the order of the page."""
    return [comment for thread in threads_on(session, idea, reader=reader) for comment in thread.shown]
