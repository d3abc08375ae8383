"""Earlier answers to similar themes, beside what is to be answered."""

from typing import Any

from app.access.roles import manages, reader
from app.clock import now
from app.extensions import database
from app.web.similar import themes_near
from ideas.answers.similar import ToAnswer, earlier_answers


def similar_context(asked: ToAnswer) -> dict[str, Any]:
    """`similar`: the answers of other campaigns that the reader may see. `similar_by_words`: the worker did not answer,
    so that themes in other words or in another language are missing.

    The worker is asked for the team alone: a crowd that reads the themes would hold up those who write ideas.
    """
    near = themes_near(asked.texts) if manages() else None
    found = earlier_answers(database(), asked, reader=reader(), now=now(), near=near)
    return {"similar": found, "similar_by_words": near is None and manages()}
