"""The debrief: the page that everyone reads, and the page where it is written."""

import re
from operator import attrgetter
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.debrief import WriteDebriefForm
from app.pictures.theme_family import families, grouped
from app.pictures.theme_map import tones
from app.views.answers.decision import today
from app.web.errors import show_refusals
from app.web.language import ngettext, number
from app.web.rendering import markdown, page_or_block
from ideas.answers.action import actions_in
from ideas.answers.debrief import (
    Answer,
    Debrief,
    answers,
    check_figures,
    debrief_of,
    emotions_in,
    fill,
    publish_debrief,
    split_at_decisions,
    write_debrief,
)
from ideas.answers.figures import Figures, contributors, figures
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.team import Act
from ideas.errors import DomainError
from ideas.themes.run import latest_run

views = Blueprint("debrief", __name__)

_MARKDOWN_CHARACTERS = re.compile(r"[\\`*_{}\[\]<>#|~!&]")
_BLANK_LINES = re.compile(r"\n{3,}")


@views.get("/campaigns/<int:campaign_id>/debrief")
@requires(Act.READ)
def show(campaign: Campaign) -> str:
    debrief = debrief_of(database(), campaign)
    if debrief is None or debrief.published_at is None:
        return render_template(
            "answers/debrief/promise.html", campaign=campaign, overdue=campaign.debrief_is_overdue(now())
        )
    return render_template(
        "answers/debrief/show.html", campaign=campaign, debrief=debrief, **_contents(campaign, debrief.body)
    )


@views.route("/campaigns/<int:campaign_id>/debrief/write", methods=["GET", "POST"])
@requires(Act.PUBLISH)
def write(campaign: Campaign) -> ResponseReturnValue:
    debrief = debrief_of(database(), campaign)
    form = WriteDebriefForm(body=debrief.body if debrief else "")
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.body}):
            write_debrief(database(), campaign, body=form.body.data, by=member(), now=now())
            database().commit()
            if request.form.get("then") == "publish":
                return redirect(url_for("debrief.write", campaign_id=campaign.id, step="publish"), 303)
            flash(_("Text saved."), "success")
            return redirect(url_for("debrief.write", campaign_id=campaign.id), 303)
    if debrief is not None and debrief.published_at is None and request.args.get("step") == "publish":
        return _publish_page(campaign, debrief)
    return _write_page(campaign, debrief, form)


@views.post("/campaigns/<int:campaign_id>/debrief/preview")
@requires(Act.PUBLISH)
def preview(campaign: Campaign) -> ResponseReturnValue:
    form = WriteDebriefForm()
    with show_refusals(form, {DomainError: form.body}):
        check_figures(form.body.data or "")
    return _write_page(campaign, debrief_of(database(), campaign), form, previewed=True)


@views.post("/campaigns/<int:campaign_id>/debrief/publish")
@requires(Act.PUBLISH)
def publish(campaign: Campaign) -> ResponseReturnValue:
    debrief = debrief_of(database(), campaign)
    if debrief is None:
        debrief = write_debrief(database(), campaign, body="", by=member(), now=now())
    publish_debrief(database(), debrief, by=member(), now=now())
    database().commit()
    flash(_("The debrief is published. We are emailing the members who took part."), "success")
    return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)


def _write_page(
    campaign: Campaign, debrief: Debrief | None, form: WriteDebriefForm, *, previewed: bool = False
) -> ResponseReturnValue:
    """The page where the text is written. For htmx, only its preview."""
    contents = _contents(campaign, form.body.data or "")
    if request.args.get("outline") and not form.body.data:
        form.body.data = _outline(contents["answers"], contents["groups"])
        contents |= _written(form.body.data, contents["figures"], contents["labels"])
    return page_or_block(
        "answers/debrief/write.html",
        "preview",
        status=422 if form.errors else 200,
        campaign=campaign,
        debrief=debrief,
        form=form,
        previewed=previewed,
        may_publish=campaign.state(now()) in {State.CLOSED, State.UNDER_REVIEW},
        **contents,
    )


def _publish_page(campaign: Campaign, debrief: Debrief) -> str:
    """The page before publishing: what will be public, and how many people will get a message."""
    return render_template(
        "answers/debrief/publish.html",
        campaign=campaign,
        debrief=debrief,
        recipients=len(contributors(database(), campaign)),
        may_publish=campaign.state(now()) in {State.CLOSED, State.UNDER_REVIEW},
        **_contents(campaign, debrief.body),
    )


def _contents(campaign: Campaign, body: str) -> dict[str, Any]:
    """What a debrief shows, in a constant number of queries."""
    actions = actions_in(database(), campaign)
    given = answers(database(), campaign, actions=actions)
    counted = figures(database(), campaign)
    outline = families((answer.card.theme for answer in given), latest_run(database(), campaign))
    labels = _labels(counted)
    return {
        "answers": given,
        "groups": grouped(given, outline, theme=attrgetter("card.theme"), size=attrgetter("card.size")),
        "figures": counted,
        "labels": labels,
        "emotions": emotions_in(given),
        "today": today(),
        "tones": tones(answer.card.theme for answer in given),
        "undecided": [answer for answer in given if answer.decision is None],
    } | _written(body, counted, labels)


def _labels(counted: Figures) -> dict[str, str]:
    """The figures with their nouns, by the names that a text calls them by."""
    return {
        "people_label": ngettext("%(num)s person", "%(num)s people", counted.people),
        "ideas_label": ngettext("%(num)s idea", "%(num)s ideas", counted.ideas),
        "votes_label": ngettext("%(num)s vote of support", "%(num)s votes of support", counted.votes),
        "comments_label": ngettext("%(num)s comment", "%(num)s comments", counted.comments),
        "themes_label": ngettext("%(num)s theme", "%(num)s themes", counted.themes),
        "decided_label": ngettext("%(num)s theme with an answer", "%(num)s themes with an answer", counted.decided),
    }


def _written(body: str, counted: Figures, labels: dict[str, str]) -> dict[str, Markup | bool | None]:
    """The text before the list of decisions, and after it where the text gives the list a place."""
    before, after = split_at_decisions(fill(body, counted, number=number, labels=labels))
    return {
        "before": markdown(before),
        "after": markdown(after) if after else None,
        "placed": after is not None,
    }


def _outline(given: list[Answer], groups: list[tuple[str | None, list[Answer]]]) -> str:
    """A text to start from, made of the real themes and answers."""
    text = render_template("answers/debrief/outline.md", answers=given, groups=groups, plain=_plain)
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


def _plain(text: str) -> str:
    """The text on one line, with Markdown's signs made harmless: it reads as it was written, and is no figure."""
    return _MARKDOWN_CHARACTERS.sub(r"\\\g<0>", " ".join(text.split()))
