"""Who may: the written policy of every route, and the objects that an address names.

An address such as /campaigns/3/ideas/214 is resolved here, before any view: the idea is looked up within the campaign,
and what this person may not see does not exist for them. A view receives `campaign` and `idea`, never their numbers.
"""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app.extensions import database
from app.web import signing
from app.web.errors import error_page
from app.web.rendering import is_fragment
from ideas.answers.action import Action
from ideas.answers.decision import Decision
from ideas.campaigns.campaign import Campaign, Role, find_campaign, role_of
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.importing import IdeaImport
from ideas.outreach.message import Message
from ideas.people.person import Person
from ideas.themes.history import ThemeEdit
from ideas.themes.theme import Theme

Row = TypeVar("Row")


class Need(StrEnum):
    """What a route asks of whoever calls it."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    ADMIN = "admin"
    READER = "reads the campaign"  # anyone once it is announced, the team before
    PARTICIPANT = "signed in, and reads the campaign"
    THEME_READER = "reads the themes"  # the team, and everyone after the debrief
    MANAGER = "manages the campaign"  # owner, facilitators, admins
    OWNER = "owns the campaign"


POLICY: dict[str, Need] = {
    "action.add": Need.MANAGER,
    "action.drop": Need.MANAGER,
    "action.progress": Need.MANAGER,
    "campaign.announce": Need.OWNER,
    "campaign.close": Need.MANAGER,
    "campaign.edit": Need.MANAGER,
    "campaign.gate": Need.MANAGER,
    "campaign.index": Need.ANYONE,
    "campaign.new": Need.SIGNED_IN,
    "campaign.portrait": Need.READER,
    "campaign.show": Need.READER,
    "comment.add": Need.PARTICIPANT,
    "comment.withdraw": Need.PARTICIPANT,
    "debrief.preview": Need.MANAGER,
    "debrief.publish": Need.MANAGER,
    "debrief.show": Need.READER,
    "debrief.write": Need.MANAGER,
    "decision.record": Need.MANAGER,
    "decision.withdraw": Need.MANAGER,
    "design.show": Need.ADMIN,
    "granularity.apply": Need.MANAGER,
    "granularity.show": Need.MANAGER,
    "home.health": Need.ANYONE,
    "home.rules": Need.ANYONE,
    "home.show": Need.ANYONE,
    "idea.discard": Need.PARTICIPANT,
    "idea.edit": Need.PARTICIPANT,
    "idea.index": Need.READER,
    "idea.new": Need.PARTICIPANT,
    "idea.restore": Need.PARTICIPANT,
    "idea.save": Need.PARTICIPANT,
    "idea.show": Need.READER,
    "idea.withdraw": Need.PARTICIPANT,
    "importing.cancel": Need.MANAGER,
    "importing.choose": Need.MANAGER,
    "importing.upload": Need.MANAGER,
    "message.index": Need.ADMIN,
    "message.show": Need.ADMIN,
    "person.language": Need.ANYONE,
    "person.me": Need.SIGNED_IN,
    "person.profile": Need.SIGNED_IN,
    "person.sign_in": Need.ANYONE,
    "person.sign_out": Need.ANYONE,
    "person.sign_up": Need.ANYONE,
    "proposal.accept": Need.MANAGER,
    "proposal.decline": Need.MANAGER,
    "proposal.show": Need.MANAGER,
    "theme.cancel": Need.MANAGER,
    "theme.group": Need.MANAGER,
    "theme.index": Need.THEME_READER,
    "theme.leftover": Need.THEME_READER,
    "theme.progress": Need.MANAGER,
    "theme.show": Need.THEME_READER,
    "theme.why": Need.THEME_READER,
    "theme_edit.forbid": Need.MANAGER,
    "theme_edit.history": Need.MANAGER,
    "theme_edit.merge": Need.MANAGER,
    "theme_edit.move": Need.MANAGER,
    "theme_edit.pin": Need.MANAGER,
    "theme_edit.rename": Need.MANAGER,
    "theme_edit.split": Need.MANAGER,
    "theme_edit.split_part": Need.MANAGER,
    "theme_edit.undo": Need.MANAGER,
    "theme_edit.unpin": Need.MANAGER,
    "vote.cast": Need.PARTICIPANT,
    "vote.react": Need.PARTICIPANT,
    "vote.withdraw": Need.PARTICIPANT,
}

# What an integer key holds: a larger number would be an error of the database rather than "not found".
HIGHEST_ID = 2**31 - 1

MANAGERS = {Role.OWNER, Role.FACILITATOR}
TEAM = {Role.OWNER, Role.FACILITATOR, Role.MODERATOR, Role.JURY, Role.OBSERVER}
ONLY_SIGNED_IN = {Need.SIGNED_IN, Need.ADMIN, Need.PARTICIPANT, Need.MANAGER, Need.OWNER}


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(_load_objects)
    app.before_request(_enforce)
    app.jinja_env.globals.update(manages=manages, owns=owns, in_team=in_team, reads_themes=reads_themes)


def reader() -> Person | None:
    """The person who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001 -- the way Werkzeug's proxies are opened


def member() -> Person:
    """The person who is signed in. Only for routes whose need says so."""
    person = reader()
    if person is None:
        raise LookupError("this route's need does not ask for a signed-in person")
    return person


def role() -> Role | None:
    """The reader's role in the campaign that the address names."""
    found: Role | None = g.get("role")
    return found


def in_team() -> bool:
    return role() in TEAM or _is_admin()


def manages() -> bool:
    return role() in MANAGERS or _is_admin()


def owns() -> bool:
    return role() is Role.OWNER


def reads_themes(campaign: Campaign) -> bool:
    return campaign.debriefed_at is not None or in_team()


def _is_admin() -> bool:
    return bool(current_user.is_authenticated and current_user.is_admin)


def _enforce() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such address: the 404 page follows
    need = POLICY[endpoint]
    if need in ONLY_SIGNED_IN and not current_user.is_authenticated:
        return _to_sign_in()
    if not _meets(need):
        current_app.logger.warning("refused: %s for person %s", request.path, getattr(current_user, "id", None))
        abort(404 if need is Need.THEME_READER else 403)
    return None


def _meets(need: Need) -> bool:
    campaign: Campaign | None = g.get("campaign")
    answers: dict[Need, Callable[[], bool]] = {
        Need.ADMIN: _is_admin,
        Need.MANAGER: manages,
        Need.OWNER: owns,
        Need.THEME_READER: lambda: campaign is not None and reads_themes(campaign),
    }
    return answers.get(need, lambda: True)()


def _to_sign_in() -> Response:
    """To the sign-in page, and back here afterwards; but a text that was sent is not taken from under its writer."""
    if request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers:
        target = request.full_path.removesuffix("?")
        return redirect(url_for("person.sign_in", next=target), code=303)
    if request.method == "POST" and signing.has_left():
        return _sign_in_elsewhere()
    address = url_for("person.sign_in")
    if "HX-Request" in request.headers:
        return current_app.response_class(status=401, headers={"HX-Redirect": address})
    return redirect(address, code=303)


def _sign_in_elsewhere() -> Response:
    """The sign-in ended while a form was open: say how to go on without losing what is in it."""
    if not is_fragment():
        again = gettext(
            "You are no longer signed in, so nothing was saved yet. Sign in in another tab, then reload this page and"
            " agree to send the form again: nothing that you wrote is lost."
        )
        return current_app.make_response(error_page(401, again))
    still = gettext(
        "Not saved: you are no longer signed in. Your text is still here: sign in in another tab, then go on writing."
    )
    answer = current_app.make_response(error_page(401, still))
    if request.endpoint != "idea.save":  # which has a place for the sentence; elsewhere it would replace the form
        answer.headers["HX-Reswap"] = "none"
        answer.headers["HX-Trigger"] = json.dumps({"announce": still})
    return answer


def _load_objects(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if not values:
        return
    if any(isinstance(value, int) and value > HIGHEST_ID for value in values.values()):
        _missing()
    if "campaign_id" in values:
        values["campaign"] = _load_campaign(values.pop("campaign_id"))
    for name, load in _LOADERS.items():
        if f"{name}_id" in values:
            values[name] = load(values.get("campaign"), values.pop(f"{name}_id"), values)


def _load_campaign(campaign_id: int) -> Campaign:
    campaign = find_campaign(database(), campaign_id)
    if campaign is None:
        _missing()
    g.campaign = campaign
    g.role = role_of(database(), campaign, reader())
    if campaign.announced_at is None and not in_team():
        _missing()
    return campaign


def _load_idea(campaign: Campaign, idea_id: int, _values: dict[str, Any]) -> Idea:
    idea = _one(Idea, (Idea.id == idea_id) & (Idea.campaign_id == campaign.id), joinedload(Idea.author))
    person = reader()
    is_author = person is not None and idea.author_id == person.id
    if not (idea.is_public or is_author or (idea.submitted_at is not None and in_team())):
        _missing()
    return idea


def _load_comment(_campaign: Campaign, comment_id: int, values: dict[str, Any]) -> Comment:
    return _one(Comment, (Comment.id == comment_id) & (Comment.idea_id == values["idea"].id))


def _load_theme(campaign: Campaign, theme_id: int, _values: dict[str, Any]) -> Theme:
    return _one(Theme, (Theme.id == theme_id) & (Theme.campaign_id == campaign.id) & Theme.retired_at.is_(None))


def _load_edit(campaign: Campaign, edit_id: int, _values: dict[str, Any]) -> ThemeEdit:
    return _one(ThemeEdit, (ThemeEdit.id == edit_id) & (ThemeEdit.campaign_id == campaign.id))


def _load_upload(campaign: Campaign, upload_id: int, _values: dict[str, Any]) -> IdeaImport:
    return _one(IdeaImport, (IdeaImport.id == upload_id) & (IdeaImport.campaign_id == campaign.id))


def _load_action(campaign: Campaign, action_id: int, _values: dict[str, Any]) -> Action:
    return _one(
        Action,
        (Action.id == action_id)
        & Action.decision_id.in_(
            select(Decision.id).join(Theme, Theme.id == Decision.theme_id).where(Theme.campaign_id == campaign.id)
        ),
    )


def _load_message(_campaign: Campaign | None, message_id: int, _values: dict[str, Any]) -> Message:
    return _one(Message, Message.id == message_id, joinedload(Message.person))


_LOADERS: dict[str, Callable[..., Any]] = {
    "idea": _load_idea,
    "comment": _load_comment,
    "theme": _load_theme,
    "edit": _load_edit,
    "upload": _load_upload,
    "action": _load_action,
    "message": _load_message,
}


def _one(model: type[Row], condition: ColumnElement[bool], *options: Any) -> Row:
    found = database().scalar(select(model).where(condition).options(*options))
    if found is None:
        _missing()
    return found


def _missing() -> NoReturn:
    if request.method == "POST":  # no page of ours offers it: someone made the address up, or came too late
        current_app.logger.warning("not found: %s for person %s", request.path, getattr(reader(), "id", None))
    abort(404)
