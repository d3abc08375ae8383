"""What the team does with a theme beside its answer: assign it, set a day, tag it, keep notes; and one's own themes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.desk.work import WriteNoteForm, tags_typed
from app.views.answers.decision import decision_page, today
from app.views.desk.panel import set_work_form
from app.views.themes.theme import theme_page
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.answers.assigned import my_themes
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, managed_campaigns
from ideas.contributions.talk.clarification import waiting_for_authors
from ideas.desk.note import ThemeNote, delete_note, write_note
from ideas.desk.work import DueInThePast, NotAnAssignee, assignable, set_work, work_in
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.theme import Theme

views = Blueprint("theme_work", __name__)


@views.post("/campaigns/<int:campaign_id>/themes/<int:theme_id>/work")
@requires(Act.GROUP)
def save(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = set_work_form(work_in(database(), [campaign.id]).get(theme.id), assignable(database(), campaign))
    if form.validate_on_submit():
        fields = {NotAnAssignee: form.assignee, DueInThePast: form.due_on, DomainError: form.tags}
        with show_refusals(form, fields):
            set_work(
                database(),
                theme,
                assignee=database().get_one(Person, int(form.assignee.data)) if form.assignee.data else None,
                due_on=form.due_on.data,
                tags=tags_typed(form.tags.data),
                by=member(),
                now=now(),
                seen=form.seen,
            )
            database().commit()
            flash(_("Work on the theme saved."), "success")
            return redirect(_theme_url(theme), 303)
    return theme_page(campaign, theme, work_form=form)


@views.post("/campaigns/<int:campaign_id>/themes/<int:theme_id>/notes")
@requires(Act.GROUP)
def add_note(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = WriteNoteForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.body}):
            write_note(database(), theme, body=form.body.data, by=member(), now=now())
            database().commit()
            flash(_("Note saved. Only the campaign team can see it."), "success")
            return redirect(_notes_url(theme), 303)
    if _is_from_answer():
        return decision_page(campaign, theme, note_form=form)
    return theme_page(campaign, theme, note_form=form)


@views.post("/campaigns/<int:campaign_id>/themes/<int:theme_id>/notes/<int:note_id>/delete")
@requires(Act.GROUP)
def remove_note(campaign: Campaign, theme: Theme, note: ThemeNote) -> ResponseReturnValue:  # noqa: ARG001 -- loaded by the address
    delete_note(database(), note, by=member(), now=now())
    database().commit()
    flash(_("Note deleted."), "success")
    return redirect(_notes_url(theme), 303)


@views.get("/me/themes")
@requires(Platform.MEMBER)
def mine() -> ResponseReturnValue:
    """The themes that are assigned to the reader, and questions to authors, in all campaigns that they manage."""
    themes = my_themes(database(), member())
    campaigns = [one.id for one in managed_campaigns(database(), member())]
    return render_template(
        "desk/work/mine.html",
        waiting=[one for one in themes if not one.answered],
        answered=[one for one in themes if one.answered],
        questions=waiting_for_authors(database(), campaigns),
        today=today(),
    )


def _theme_url(theme: Theme) -> str:
    return url_for("theme.show", campaign_id=theme.campaign_id, theme_id=theme.id, _anchor="work")


def _is_from_answer() -> bool:
    """The form was sent from the page of the theme's answer, where the notes are too."""
    return request.form.get("back") == "answer"


def _notes_url(theme: Theme) -> str:
    if _is_from_answer():
        return url_for("decision.record", campaign_id=theme.campaign_id, theme_id=theme.id, _anchor="notes")
    return _theme_url(theme)
