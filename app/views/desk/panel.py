"""The work on a theme, and tags of ideas, as pages show them to the team."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectChoice

from app.access.roles import manages
from app.extensions import database
from app.forms.answers.decision import team_choices
from app.forms.desk.work import SetWorkForm, WriteNoteForm
from app.web.conflicts import compare
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.desk.idea_tag import tags_of, tags_of_ideas
from ideas.desk.note import notes_on
from ideas.desk.work import Work, assignable, tags_in, work_in
from ideas.people.person import Person
from ideas.themes.theme import Theme


def work_panel(
    campaign: Campaign, theme: Theme, *, work_form: SetWorkForm | None = None, note_form: WriteNoteForm | None = None
) -> dict[str, Any]:
    """What the panel needs. A refused form is shown as it was sent."""
    works = work_in(database(), [campaign.id])
    work = works.get(theme.id)
    form = work_form or set_work_form(work, assignable(database(), campaign), sent=False)
    stamp = work.stamp if work is not None else 0
    return {
        "work": work,
        "work_form": form,
        "work_conflict": compare(form, _values(work), version=stamp) if form.errors else None,
        "note_form": note_form or WriteNoteForm(formdata=None),
        "notes": notes_on(database(), theme),
        "campaign_tags": tags_in(works.values()),
    }


def set_work_form(work: Work | None, team: Sequence[Person], *, sent: bool = True) -> SetWorkForm:
    """The form of a theme's work: with what was sent, or with what holds."""
    values = _values(work) | {"version": work.stamp if work is not None else 0}
    form = SetWorkForm(**values) if sent else SetWorkForm(formdata=None, **values)
    form.assignee.choices = [SelectChoice("", _("Nobody")), *assignee_choices(team, work)]
    return form


def assignee_choices(team: Sequence[Person], work: Work | None = None) -> list[SelectChoice]:
    """Who may be chosen, and who is named now: they may have left the team since."""
    choices = team_choices(team)
    if work is not None and work.assignee_id is not None and work.assignee_id not in {person.id for person in team}:
        choices.append(SelectChoice(str(work.assignee_id), work.assignee))
    return choices


def _values(work: Work | None) -> dict[str, Any]:
    """What holds, by the names of the form's fields."""
    if work is None:
        return {"assignee": "", "due_on": None, "tags": ""}
    assignee = str(work.assignee_id) if work.assignee_id is not None else ""
    return {"assignee": assignee, "due_on": work.due_on, "tags": ", ".join(work.tags)}


def tags_context(campaign: Campaign, idea_ids: Sequence[int]) -> dict[str, Any]:
    """The tags of these ideas and those of the campaign, for the team; two queries."""
    if not manages():
        return {}
    return {"idea_tags": tags_of(database(), idea_ids), "known_idea_tags": tags_of_ideas(database(), campaign)}
