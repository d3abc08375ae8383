"""Similar ideas beside an idea that is being written. They never keep anyone from submitting it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, get_template_attribute, make_response, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.database.sqlite import rendering
from app.extensions import database
from app.web.pages.language import gettext as _
from app.web.similar import nearest_to
from ideas.answers.similar import AnsweredTheme, answered_among, answered_by_words
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_TITLE_LENGTH, Idea, one_text
from ideas.contributions.similar import MAX_SIMILAR, says_enough, similar_among, similar_by_words
from ideas.contributions.vote import Response, responses

views = Blueprint("similar", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas")

MAX_DIFFERENT = 50


@dataclass(frozen=True, slots=True)
class SimilarTexts:
    """What is shown beside a text. `by_words`: the worker did not answer. `different`: ideas the writer set aside;
    `different_themes`: answered themes they set aside.
    """

    themes: Sequence[AnsweredTheme]
    ideas: Sequence[Idea]
    responses: dict[int, Response]
    by_words: bool
    different: Sequence[int]
    different_themes: Sequence[int]

    @property
    def count(self) -> int:
        return len(self.themes) + len(self.ideas)


@views.post("/similar")
@requires(Act.CONTRIBUTE)
def find(campaign: Campaign) -> ResponseReturnValue:
    """The ideas similar to the text of the form, as a piece of the page. It stores nothing."""
    title, body = request.form.get("title", ""), request.form.get("body", "")
    text = one_text(title[:MAX_TITLE_LENGTH].strip(), body[:MAX_BODY_LENGTH].strip())
    similar = find_similar(campaign, text)
    similar_piece = get_template_attribute("contributions/idea/similar.html", "similar_piece")
    with rendering(database()):
        page = make_response(similar_piece(campaign, similar))
    said = {
        "differs": _("Idea left out. Say in your text what is different in your case."),
        "theme_differs": _("Answer left out. Say in your text what is different in your case."),
    }.get(pressed := request.headers.get("HX-Trigger-Name", ""))
    if similar is not None and said is not None and pressed in request.form:
        page.headers["HX-Trigger"] = json.dumps({"announce": said})
    return page


def find_similar(campaign: Campaign, text: str) -> SimilarTexts | None:
    """What is similar to a text; None where it is too short to tell. At most nine queries."""
    if not says_enough(text):
        return None
    session, person, different = database(), member(), _set_aside("differs")
    without = _set_aside("theme_differs")
    near = nearest_to(text, campaign_id=campaign.id)
    if near is None:
        themes = answered_by_words(session, text, reader=person, without=without)
        ideas = similar_by_words(session, campaign, text, reader=person, without=different)
    else:
        themes = answered_among(session, near.themes, reader=person, without=without)
        ideas = similar_among(session, campaign, near.ideas, reader=person, without=different)
    ideas = ideas[: MAX_SIMILAR - len(themes)]
    return SimilarTexts(
        themes=themes,
        ideas=ideas,
        responses=responses(session, ideas, reader=person),
        by_words=near is None,
        different=different,
        different_themes=without,
    )


def _set_aside(name: str) -> list[int]:
    """The ideas, or the themes, of which the writer said that their case differs, in the form or the address."""
    sent = request.form.getlist(name, type=int) or request.args.getlist(name, type=int)
    return sorted({number for number in sent if 0 < number <= MAX_ID})[:MAX_DIFFERENT]


def similar_address(draft: Idea) -> str:
    """The page of a draft beside what is similar to it, where it is shown without scripts."""
    return url_for(
        "idea_draft.new",
        campaign_id=draft.campaign_id,
        draft=draft.id,
        similar="yes",
        differs=_set_aside("differs"),
        theme_differs=_set_aside("theme_differs"),
        _anchor="similar-title",
    )
