"""The ideas of a campaign, one after the other: read, starred, left for later."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import joinedload

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.desk.idea_tag import SetTagsForm
from app.forms.themes.edit import MoveIdeasForm
from app.pictures.map.theme_map import tones
from app.views.themes.edit import target_theme
from app.views.themes.history import commit_edit
from app.views.themes.theme import by_name, names_of
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, is_fragment, page_or_block
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.fields.value import filled_of
from ideas.contributions.idea import Idea
from ideas.desk.idea_tag import tag_ideas, tags_of, tags_of_ideas
from ideas.desk.reading import (
    coverage,
    forget_reading,
    is_starred,
    last_read,
    next_idea,
    read_idea,
    readers,
    star_idea,
    starred_ideas,
)
from ideas.errors import DomainError
from ideas.themes.edits.move import move_ideas
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, active_themes

KEY_NAMES = ("read", "star", "later", "back", "theme", "tag")
# By language: letters of the words on the buttons.
KEYS = {"en": ("r", "s", "l", "b", "t", "g"), "fr": ("l", "e", "p", "r", "t", "q")}

views = Blueprint("reading", __name__, url_prefix="/campaigns/<int:campaign_id>/reading")


@views.get("")
@requires(Act.GROUP)
def show(campaign: Campaign) -> ResponseReturnValue:
    """The next idea that the reader has not read; with `idea`, this one."""
    return reading_page(campaign, _idea(campaign, "idea"))


def reading_page(
    campaign: Campaign,
    asked: Idea | None,
    *,
    tags_form: SetTagsForm | None = None,
    move_form: MoveIdeasForm | None = None,
) -> ResponseReturnValue:
    """The page of this idea, or of the next one. A refused form keeps the tags that were typed, and the choices."""
    refused = next((form for form in (tags_form, move_form) if form is not None and form.errors), None)
    session, reader = database(), member()
    themes = active_themes(session, campaign)
    theme = next((one for one in themes if one.id == request.values.get("theme", type=int)), None)
    idea = asked or next_idea(session, campaign, reader, theme=theme, after=_idea(campaign, "after"))
    previous = last_read(session, campaign, reader)
    tags = tags_of(session, [idea.id]).get(idea.id, []) if idea is not None else []
    return page_or_block(
        "desk/reading/show.html",
        "card",
        status=form_status(refused) if refused is not None else 200,
        campaign=campaign,
        fragment=is_fragment(),
        coverage=coverage(session, campaign, reader),
        readers=readers(session, campaign),
        theme=theme,
        themes=by_name(themes),
        names=names_of(themes),
        tones=tones(themes),
        idea=idea,
        again=asked is not None,
        starred=idea is not None and is_starred(session, idea, reader),
        filled=filled_of(database(), campaign, idea.id) if idea is not None else [],
        **_placed(idea, themes),
        previous=previous if previous is not None and previous is not idea else None,
        tags=tags,
        tags_form=tags_form or SetTagsForm(formdata=None, tags=", ".join(tags)),
        move_form=move_form or MoveIdeasForm(formdata=None),
        known_idea_tags=list(tags_of_ideas(session, campaign)),
        keys=dict(zip(KEY_NAMES, KEYS[get_locale().language], strict=True)),
    )


@views.post("/<int:idea_id>")
@requires(Act.GROUP)
def mark(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """Read and go on, star or unstar, move to another theme, or take the reading back; and save the tags beside."""
    act = request.form.get("act")
    tags_form = SetTagsForm()
    if "tags" in request.form and save_tags(campaign, idea, tags_form) is None:
        return reading_page(campaign, idea, tags_form=tags_form)
    if act == "move":
        return _move(campaign, idea, tags_form)
    if act == "read":
        read_idea(database(), idea, by=member(), now=now(), seen=request.form.get("version", type=int))
    elif act in {"star", "unstar"}:
        star_idea(database(), idea, by=member(), starred=act == "star", now=now())
    elif act == "unread":
        forget_reading(database(), idea, by=member())
    else:
        flash(_("Nothing was changed. Choose one of the buttons below the idea."), "error")
    database().commit()
    if request.form.get("back") == "starred":
        return redirect(url_for("reading.starred", campaign_id=campaign.id), 303)
    stays = {} if act == "read" else {"idea": idea.id}
    return redirect(_url(campaign, theme=request.form.get("theme", type=int), **stays), 303)


def save_tags(campaign: Campaign, idea: Idea, form: SetTagsForm) -> int | None:
    """Change the tags of the idea as the form says, without a commit. Returns how many ideas changed; None where the
    form is refused, and says why.
    """
    count = 0
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.tags}):
            changes: dict[str, Any] = {"add": form.added, "remove": form.taken_away}
            if any(changes.values()):
                count = tag_ideas(database(), campaign, idea_ids=[idea.id], **changes, by=member(), now=now())
    return None if form.errors else count


def _move(campaign: Campaign, idea: Idea, tags_form: SetTagsForm) -> ResponseReturnValue:
    """Move the idea that is read to another theme, or out of all, and stay on it."""
    form = MoveIdeasForm()
    if form.validate_on_submit():
        with show_refusals(form):
            edit = move_ideas(
                database(),
                campaign,
                idea_ids=[idea.id],
                to=target_theme(campaign, form.to.data),
                reason=form.reason.data,
                by=member(),
                now=now(),
                seen=form.seen_places,
            )
            return commit_edit(edit, _url(campaign, theme=request.form.get("theme", type=int), idea=idea.id))
    return reading_page(campaign, idea, tags_form=tags_form, move_form=form)


@views.get("/starred")
@requires(Act.GROUP)
def starred(campaign: Campaign) -> ResponseReturnValue:
    page = starred_ideas(database(), campaign, member(), number=request.args.get("page", 1, type=int))
    return render_template(
        "desk/reading/starred.html",
        campaign=campaign,
        page=page,
        page_url=lambda number: url_for("reading.starred", campaign_id=campaign.id, page=number),
    )


def _idea(campaign: Campaign, name: str) -> Idea | None:
    """The idea of this campaign that the address names; None for one that does not count."""
    number = request.args.get(name, type=int)
    if number is None or not 0 < number <= MAX_ID:
        return None
    found = database().get(Idea, number, options=[joinedload(Idea.author)])
    return found if found is not None and found.campaign_id == campaign.id and found.is_public else None


def _placed(idea: Idea | None, themes: Sequence[Theme]) -> dict[str, Any]:
    """`placed_in`: the theme of the idea, or None. `place`: its id, or why it is in none; empty before a grouping."""
    placement = database().get(Placement, idea.id) if idea is not None else None
    if placement is None:
        return {"placed_in": None, "place": ""}
    theme = next((theme for theme in themes if theme.id == placement.theme_id), None)
    return {"placed_in": theme, "place": placement.theme_id or placement.leftover or ""}


def _url(campaign: Campaign, **values: Any) -> str:
    return url_for("reading.show", campaign_id=campaign.id, **values)
