"""What the team asked the author of an idea, on the page of the idea."""

from collections.abc import Sequence
from typing import Any

from app.access.roles import may, reader
from app.extensions import database
from app.forms.contributions.clarification import AnswerClarificationForm, AskAuthorForm
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea, is_author
from ideas.contributions.talk.clarification import clarifications_on, is_asked


def clarification_panel(
    idea: Idea, form: AskAuthorForm | AnswerClarificationForm | None, *, parts: Sequence[int]
) -> dict[str, Any]:
    """What the team asked the author, as the reader may read it, and the forms of what they may do.

    `parts`: the ids of this idea and of those merged into it, whose questions go on here. `form`: a refused
    one, which keeps what was written in it.
    """
    is_team = may(Act.MANAGE) or may(Act.MODERATE)
    asked = clarifications_on(database(), parts, reader=reader(), is_team=is_team)
    may_ask = may(Act.MANAGE) and idea.is_readable and (idea.author_id is not None or idea.is_anonymous)
    waits = any(one.answered_at is None for one in asked if one.idea_id == idea.id)
    asking = form if isinstance(form, AskAuthorForm) else None
    return {
        "asked": asked,
        "is_team": is_team,
        "mine": {one.id for one in asked if is_asked(one, reader())},
        "ask_form": asking
        or (AskAuthorForm(formdata=None) if may_ask and not waits and not is_author(idea, reader()) else None),
        "answer_form": form if isinstance(form, AnswerClarificationForm) else AnswerClarificationForm(formdata=None),
    }
