"""The form of a published idea: what is in it, what it changes, and what somebody else saved meanwhile."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.roles import member
from app.extensions import database
from app.forms.contributions.fields import controls, data_of, given, with_fields
from app.forms.contributions.idea import ReviseIdeaForm
from app.text.differences import differences
from app.views.contributions.files import open_form
from app.views.contributions.versions import field_lines
from app.web.conflicts import Conflict, compare
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import asked_fields
from ideas.contributions.fields.value import filled, values_of
from ideas.contributions.files.idea_file import files_of
from ideas.contributions.idea import Idea, answers_for_all_fields

Pieces = list[tuple[str, str]]


def edit_page(
    campaign: Campaign, idea: Idea, form: ReviseIdeaForm, *, changes: dict[str, Pieces] | None = None
) -> ResponseReturnValue:
    """The form of a published idea. `changes`: what differs from the published text, where it was asked for."""
    page = render_template(
        "contributions/idea/edit.html",
        campaign=campaign,
        idea=idea,
        form=form,
        changes=changes,
        controls=controls(form),
        conflict=_conflict(campaign, idea, form),
    )
    return page, form_status(form)


def _conflict(campaign: Campaign, idea: Idea, form: ReviseIdeaForm) -> Conflict | None:
    """Both texts, where somebody else who may edit the idea saved one meanwhile."""
    if not form.changed_meanwhile:
        return None
    fields = data_of(asked_fields(database(), campaign), values_of(database(), idea.id))
    return compare(form, {"title": idea.title, "body": idea.body} | fields, version=idea.version, at=idea.updated_at)


def revise_form(campaign: Campaign, idea: Idea, *, takes_files: bool) -> ReviseIdeaForm:
    """`takes_files`: see `open_form`."""
    fields, present = asked_fields(database(), campaign), values_of(database(), idea.id)
    complete = answers_for_all_fields(idea, present, by=member())
    form = with_fields(ReviseIdeaForm, fields, complete=complete, present=present)
    return open_form(form, campaign, idea, obj=idea, data=data_of(fields, present), takes_files=takes_files)


def changes_of(idea: Idea, form: ReviseIdeaForm) -> dict[str, Pieces]:
    """By field, the pieces of the published text and of the form's. Without fields that are the same."""
    fields = asked_fields(database(), idea.campaign)
    present, sent = values_of(database(), idea.id), given(form) or {}
    texts = {"title": (idea.title, form.title.data), "body": (idea.body, form.body.data)}
    texts |= {
        f"field_{field.id}": (field_lines(filled([field], present)), field_lines(filled([field], sent)))
        for field in fields
    }
    there = files_of(database(), [idea.id]).get(idea.id, [])
    texts["files"] = ("\n".join(one.in_words for one in there), "\n".join(form.files_in_words()))
    return {name: differences(*pair) for name, pair in texts.items() if pair[0] != pair[1]}


def to_idea(idea: Idea) -> Response:
    return redirect(url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.id), 303)
