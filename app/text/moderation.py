"""Words of moderation, in the reader's language."""

from datetime import datetime

from flask import Flask
from flask_babel import format_date
from markupsafe import Markup, escape

from app.web.pages.language import gettext as _
from ideas.activity.activity import Verb
from ideas.contributions.withheld import ObjectKind, Outcome
from ideas.moderation.decide import ReviewAct
from ideas.people.sanction import Reason, SanctionKind
from ideas.personal_data.personal_data import find_personal_data


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        act_label=act_label,
        marked_span=marked_span,
        month_name=month_name,
        outcome_label=outcome_label,
        reason_label=reason_label,
        reviewed_kind=kind_label,
        sanction_label=sanction_label,
    )


def marked_span(text: str, span: str) -> Markup:
    """The text, escaped, with these words marked wherever they stand."""
    if not span:
        return escape(text)
    mark = Markup("<mark>{}</mark>").format(span)
    return mark.join(escape(part) for part in text.split(span))


def month_name(day: datetime) -> str:
    """“November 2026”, in the reader's language."""
    return str(format_date(day, "LLLL y"))


def reason_label(reason: str | None) -> str:
    """The rule that is broken, by the name that the log has; empty where none is given."""
    return str(
        {
            Reason.PERSONAL_DATA: _("Personal data"),
            Reason.INSULT: _("Insult or threat"),
            Reason.ADVERTISING: _("Advertising"),
            Reason.OFF_TOPIC: _("Not about the question"),
            Reason.WRONG: _("False or misleading"),
            Reason.OTHER: _("Another reason"),
        }.get(Reason(reason), "")
        if reason in set(Reason)
        else ""
    )


def kind_label(kind: str) -> str:
    return str(
        {ObjectKind.IDEA: _("Idea"), ObjectKind.COMMENT: _("Comment"), ObjectKind.PERSON: _("Member")}[ObjectKind(kind)]
    )


def outcome_label(outcome: str | None) -> str:
    """What became of an object, in two words; empty where nothing has yet."""
    if outcome not in set(Outcome):
        return ""
    return str(
        {
            Outcome.HIDDEN: _("Hidden"),
            Outcome.CHANGE_ASKED: _("Change asked"),
            Outcome.CHANGED: _("Changed by its author"),
            Outcome.RESTORED: _("Restored"),
            Outcome.REWORDED: _("Reworded"),
            Outcome.FILE_TAKEN_OFF: _("File taken off"),
            Outcome.APPROVED: _("Approved"),
            Outcome.DISMISSED: _("Report dismissed"),
            Outcome.SANCTIONED: _("Sanctioned"),
        }[Outcome(outcome)]
    )


def sanction_label(kind: str) -> str:
    return str(
        {
            SanctionKind.WARNING: _("Warning"),
            SanctionKind.SUSPENSION: _("Suspension"),
            SanctionKind.BAN: _("Ban"),
        }[SanctionKind(kind)]
    )


def done(act: str, kind: ObjectKind) -> str:
    """What a moderator has just done, for the page that follows."""
    if act == ReviewAct.HIDE:
        return str(
            _("Idea hidden. Its author reads why.")
            if kind is ObjectKind.IDEA
            else _("Comment hidden. Its author reads why.")
        )
    return str(
        {
            ReviewAct.ASK: _("Change asked. The author sees the marked words and can send the text again."),
            ReviewAct.BLOCK: _("Hidden, and its author is banned from this campaign. They read why, and can appeal."),
            ReviewAct.RESTORE: _("Published again."),
            ReviewAct.DISMISS: _("Report dismissed. Nothing changes for the author."),
            ReviewAct.REOPEN: _("Back in the queue, assigned to you."),
        }[ReviewAct(act)]
    )


def suspected(text: str, *, health: bool) -> str:
    """The first words of a text that look like personal data: offered to the moderator, who decides. May be empty."""
    found = find_personal_data(text, health=health)
    return text[found[0].start : found[0].end] if found else ""


def act_label(verb: str, *, of_split: bool = False) -> str:
    """What was done, in the history of an object and in the log. `of_split`: what is undone is a split, not a merge."""
    if of_split and verb == Verb.UNDONE:
        return str(_("Put together again"))
    return str(
        {
            Verb.REPORTED: _("Reported"),
            Verb.HELD: _("Held for a first reading"),
            Verb.HIDDEN: _("Hidden"),
            Verb.CHANGE_ASKED: _("Change asked"),
            Verb.CHANGED: _("Changed by its author"),
            Verb.RESTORED: _("Restored"),
            Verb.REWORDED: _("Reworded"),
            Verb.REMOVED: _("File taken off"),
            Verb.APPROVED: _("Approved"),
            Verb.DISMISSED: _("Report dismissed"),
            Verb.REOPENED: _("Put back in the queue"),
            Verb.ASSIGNED: _("Assigned"),
            Verb.SANCTIONED: _("Sanctioned"),
            Verb.APPEALED: _("Appealed"),
            Verb.LIFTED: _("Sanction lifted"),
            Verb.UPHELD: _("Sanction upheld"),
            Verb.REVEALED: _("Author of an anonymous idea read"),
            Verb.MERGED: _("Merged into another idea"),
            Verb.SPLIT: _("Split into two ideas"),
            Verb.UNDONE: _("Separated again"),
        }.get(Verb(verb), verb)
    )
