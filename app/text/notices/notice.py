"""The sentence of a notice in the reader's language, and the page that it leads to."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l

from app.text.badge import badge_sentence
from app.text.newcomer import newcomer_sentence, newcomer_target
from app.text.notices.answers.action import (
    action_changed_sentence,
    debrief_due_sentence,
    debrief_due_subject,
    refused_publication_sentence,
)
from app.text.notices.answers.answer import answer_sentence, answer_subject, answer_target
from app.text.notices.buddy import buddy_sentence, buddy_subject
from app.text.notices.contest import contest_subject, contest_target, jury_sentence, result_sentence
from app.text.notices.contributions.co_author import co_author_sentence, co_author_subject
from app.text.notices.contributions.comment import comment_sentence, comment_subject, comment_target
from app.text.notices.contributions.merge import MAX_QUOTED_LENGTH, merge_sentence, merge_subject
from app.text.notices.follow import ABOUT_FOLLOWED, draft_sentence, follow_sentence, follow_subject, follow_target
from app.text.notices.moderation import moderated_sentence, moderated_target
from app.text.notices.pioneer import pioneer_sentence, pioneer_subject, pioneer_target
from app.text.notices.space import space_sentence, space_subject, space_target
from app.text.notices.theme import assigned_sentence, assigned_subject, assigned_target
from app.web.pages.dates import zoned
from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, read_phases
from ideas.contributions.withheld import Outcome
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.notice import ABOUT_COMMENTS, NoticeKind
from ideas.people.sanction import SanctionKind
from ideas.text import shorten

ABOUT_CONTESTS = frozenset({NoticeKind.JURY_WORK, NoticeKind.CONTEST_RESULT})
ABOUT_SPACES = frozenset(
    {
        NoticeKind.SPACE_REQUEST,
        NoticeKind.SPACE_PLACE,
        NoticeKind.WORKSHOP,
        NoticeKind.NEWSLETTER,
        NoticeKind.NEWSLETTER_WORK,
    }
)


# What a notice of each kind is about, for the page of preferences.
_LABELS: dict[NoticeKind, LazyString] = {
    NoticeKind.DEBRIEF_PUBLISHED: _l("The debrief of a campaign I took part in is published"),
    NoticeKind.PUBLICATION_REFUSED: _l("A debrief of mine could not be published at its hour"),
    NoticeKind.ANSWER_CHANGED: _l("An answer that concerns me is given or changes"),
    NoticeKind.ACTION_DONE: _l("An action that concerns me is done"),
    NoticeKind.ACTION_ABANDONED: _l("An action that concerns me is abandoned"),
    NoticeKind.ACTION_CHANGED: _l("An action that concerns me changes or is reopened"),
    NoticeKind.PROMISE_CHANGED: _l("A date of a campaign I took part in changes"),
    NoticeKind.IDEA_MOVED: _l("My idea moves to another theme after the debrief"),
    NoticeKind.ROLE_CHANGED: _l("My role changes"),
    NoticeKind.JOB_FAILED: _l("Automatic processing fails in a campaign I manage"),
    NoticeKind.IDEAS_GROUPED: _l("The ideas of a campaign I manage are grouped"),
    NoticeKind.SPACE_REQUEST: _l("Someone asks to enter a space I moderate"),
    NoticeKind.SPACE_PLACE: _l("My place in a space changes"),
    NoticeKind.WORKSHOP: _l("A workshop of a space that I am in is announced, changes or is cancelled"),
    NoticeKind.NEWSLETTER: _l("A newsletter of a space that I am in"),
    NoticeKind.NEWSLETTER_WORK: _l("A newsletter waits for my approval, or mine is approved, refused or stopped"),
    NoticeKind.TEXT_MODERATED: _l("A moderator decides about my idea or my comment"),
    NoticeKind.REPORT_ANSWERED: _l("A report that I sent has been dealt with"),
    NoticeKind.SANCTION_CHANGED: _l("I am warned or suspended, or my appeal is answered"),
    NoticeKind.APPEAL_TO_ANSWER: _l("An appeal is to be answered in a campaign I moderate"),
    NoticeKind.IDEA_MERGED: _l("My idea is merged with another one, or someone proposes it"),
    NoticeKind.CO_AUTHORED: _l("Someone invites me as a co-author, or answers my invitation"),
    NoticeKind.MODERATION_WAITING: _l("Something is reported in a campaign I moderate (once a day at most)"),
    NoticeKind.EXPORT_READY: _l("The export of my data is ready"),
    NoticeKind.CAMPAIGN_EXPORTED: _l("The export of a campaign that I asked for is ready"),
    NoticeKind.MENTIONED: _l("Someone mentions me in a comment"),
    NoticeKind.COMMENT_REPLY: _l("Someone replies to my comment, or answers my question"),
    NoticeKind.COMMENT_PINNED: _l("My comment becomes the comment of the month"),
    NoticeKind.IDEA_COMMENTED: _l("Someone comments on my idea"),
    NoticeKind.FOLLOWED_IDEA: _l("Someone comments on an idea I follow"),
    NoticeKind.FOLLOWED_CAMPAIGN: _l("A campaign I follow opens, closes soon, closes or publishes its debrief"),
    NoticeKind.FOLLOWED_SPACE: _l("A campaign is announced in a space I follow"),
    NoticeKind.QUESTION_ASKED: _l(
        "Someone asks the team a question, or comments on the debrief, in a campaign I manage"
    ),
    NoticeKind.BADGE_REACHED: _l("I reach a badge"),
    NoticeKind.JURY_WORK: _l("The jury that I am in scores, or its scoring ends"),
    NoticeKind.CONTEST_RESULT: _l("The winners of a contest I took part in are announced"),
    NoticeKind.DRAFT_WAITING: _l("A campaign closes soon and my idea is still a draft"),
    NoticeKind.BUDDY: _l("A member welcomes me, or a new member that I welcome sends their first idea"),
    NoticeKind.NEWCOMER: _l("I am new here: a few messages in my first three months"),
    NoticeKind.PIONEER: _l("I am invited as a pioneer, my year ends, or someone I invited answers"),
    NoticeKind.THEME_ASSIGNED: _l("A theme is assigned to me, or a theme is late"),
    NoticeKind.DEBRIEF_DUE: _l("The debrief of a campaign I manage is due soon, or late"),
    NoticeKind.CLARIFICATION: _l("The team asks me about my idea, or an author answers me"),
    NoticeKind.OBJECTION: _l("Someone says that their idea is misplaced, or the team answers me about mine"),
}


def kind_label(kind: NoticeKind) -> str:
    """What a notice of this kind is about, for the page of preferences."""
    return str(_LABELS[kind])


def role_label(role: str) -> str:
    """The name of a role or right, as the activity log has it."""
    labels = {
        "owner": _("campaign lead"),
        "facilitator": _("facilitator"),
        "moderator": _("moderator"),
        "jury": _("jury member"),
        "observer": _("observer"),
        "participant": _("participant"),
        "admin": _("site administrator"),
        "campaign_author": _("campaign author"),
    }
    return str(labels.get(role, ""))


def sentence(detail: NoticeDetail) -> str:
    """What happened, in one or two sentences. The campaign is named beside it."""
    sentences: dict[NoticeKind, Callable[[NoticeDetail], object]] = {
        NoticeKind.DEBRIEF_PUBLISHED: lambda _detail: _("The debrief is published: what was decided, and why."),
        NoticeKind.PUBLICATION_REFUSED: refused_publication_sentence,
        NoticeKind.ANSWER_CHANGED: answer_sentence,
        NoticeKind.ACTION_DONE: _done,
        NoticeKind.ACTION_ABANDONED: _abandoned,
        NoticeKind.ACTION_CHANGED: action_changed_sentence,
        NoticeKind.PROMISE_CHANGED: _dates,
        NoticeKind.IDEA_MOVED: _moved,
        NoticeKind.ROLE_CHANGED: _role,
        NoticeKind.JOB_FAILED: _failure,
        NoticeKind.IDEAS_GROUPED: _grouped,
        NoticeKind.TEXT_MODERATED: moderated_sentence,
        NoticeKind.REPORT_ANSWERED: _report,
        NoticeKind.SANCTION_CHANGED: _sanction,
        NoticeKind.IDEA_MERGED: merge_sentence,
        NoticeKind.CO_AUTHORED: co_author_sentence,
        NoticeKind.MODERATION_WAITING: _waiting,
        NoticeKind.BADGE_REACHED: badge_sentence,
        NoticeKind.JURY_WORK: jury_sentence,
        NoticeKind.CONTEST_RESULT: result_sentence,
        NoticeKind.DRAFT_WAITING: draft_sentence,
        NoticeKind.THEME_ASSIGNED: assigned_sentence,
        NoticeKind.CLARIFICATION: _clarification,
        NoticeKind.DEBRIEF_DUE: debrief_due_sentence,
        NoticeKind.OBJECTION: _objection,
        NoticeKind.PIONEER: pioneer_sentence,
        NoticeKind.BUDDY: buddy_sentence,
        NoticeKind.NEWCOMER: newcomer_sentence,
        NoticeKind.APPEAL_TO_ANSWER: lambda _detail: _("Someone appeals against a sanction. Read it and answer."),
        NoticeKind.EXPORT_READY: lambda _detail: _("The export of your data is ready. You can download it for 7 days."),
        NoticeKind.CAMPAIGN_EXPORTED: lambda _detail: _("Your export is ready. You can download it for 7 days."),
        **dict.fromkeys(ABOUT_SPACES, space_sentence),
        **dict.fromkeys(ABOUT_COMMENTS, comment_sentence),
        **dict.fromkeys(ABOUT_FOLLOWED, follow_sentence),
    }
    return str(sentences[detail.kind](detail))


_SUBJECTS: dict[NoticeKind, LazyString] = {
    NoticeKind.DEBRIEF_PUBLISHED: _l("%(campaign)s: the debrief is published"),
    NoticeKind.PUBLICATION_REFUSED: _l("%(campaign)s: the debrief was not published"),
    NoticeKind.ACTION_DONE: _l("%(campaign)s: an action is done"),
    NoticeKind.ACTION_ABANDONED: _l("%(campaign)s: an action is abandoned"),
    NoticeKind.ACTION_CHANGED: _l("%(campaign)s: an action has changed"),
    NoticeKind.PROMISE_CHANGED: _l("%(campaign)s: a date has changed"),
    NoticeKind.IDEA_MOVED: _l("%(campaign)s: your idea has moved"),
    NoticeKind.ROLE_CHANGED: _l("%(campaign)s: your role has changed"),
    NoticeKind.JOB_FAILED: _l("%(campaign)s: automatic processing failed"),
    NoticeKind.IDEAS_GROUPED: _l("%(campaign)s: the ideas are grouped"),
    NoticeKind.TEXT_MODERATED: _l("%(campaign)s: a moderator’s decision on your text"),
    NoticeKind.REPORT_ANSWERED: _l("%(campaign)s: your report has been dealt with"),
    NoticeKind.SANCTION_CHANGED: _l("%(campaign)s: a decision about your account"),
    NoticeKind.APPEAL_TO_ANSWER: _l("%(campaign)s: an appeal to answer"),
    NoticeKind.MODERATION_WAITING: _l("%(campaign)s: something waits for a moderator"),
    NoticeKind.DRAFT_WAITING: _l("%(campaign)s: your idea is still a draft"),
    NoticeKind.OBJECTION: _l("%(campaign)s: an idea that may be misplaced"),
    NoticeKind.EXPORT_READY: _l("%(campaign)s: the export of your data is ready"),
    NoticeKind.CAMPAIGN_EXPORTED: _l("%(campaign)s: your export is ready"),
}


def _clarification_subject(detail: NoticeDetail, campaign: str) -> str:
    if detail.verb is Verb.REQUESTED:
        return str(_("%(campaign)s: a question about your idea", campaign=campaign))
    if detail.verb is Verb.REMOVED:
        return str(_("%(campaign)s: your answer is off the page", campaign=campaign))
    return str(_("%(campaign)s: an author answered you", campaign=campaign))


# Of kinds whose subject depends on more.
_SUBJECT_OF: dict[NoticeKind, Callable[[NoticeDetail, str], str]] = {
    NoticeKind.ANSWER_CHANGED: answer_subject,
    NoticeKind.IDEA_MERGED: merge_subject,
    NoticeKind.CO_AUTHORED: co_author_subject,
    NoticeKind.THEME_ASSIGNED: assigned_subject,
    NoticeKind.BUDDY: buddy_subject,
    NoticeKind.DEBRIEF_DUE: debrief_due_subject,
    NoticeKind.CLARIFICATION: _clarification_subject,
    **dict.fromkeys(ABOUT_CONTESTS, contest_subject),
    **dict.fromkeys(ABOUT_COMMENTS, comment_subject),
    **dict.fromkeys(ABOUT_FOLLOWED, follow_subject),
}


def subject(detail: NoticeDetail, *, site: str) -> str:
    """The subject of the mail. It promises nothing that the mail does not hold. `site`: the name of the site."""
    if detail.kind in ABOUT_SPACES:
        return space_subject(detail)
    if detail.kind is NoticeKind.PIONEER:
        return pioneer_subject(detail, site)
    campaign = detail.campaign or site
    if detail.kind is NoticeKind.PROMISE_CHANGED and detail.verb is Verb.CLOSED:
        return str(_("%(campaign)s: closed to new ideas early", campaign=campaign))
    written = _SUBJECT_OF.get(detail.kind)
    return written(detail, campaign) if written else str(_SUBJECTS[detail.kind]) % {"campaign": campaign}


# Where a notice leads that belongs to no campaign.
_OF_THE_SITE: dict[NoticeKind, tuple[str, dict[str, Any]]] = {
    NoticeKind.JOB_FAILED: ("job.index", {"status": "failed"}),
    NoticeKind.SANCTION_CHANGED: ("sanction.mine", {}),
    NoticeKind.APPEAL_TO_ANSWER: ("review.everywhere", {}),
    NoticeKind.EXPORT_READY: ("my_data.show", {}),
    NoticeKind.BADGE_REACHED: ("points.mine", {}),
}


def _objection_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    if detail.campaign_id is None:
        return "person.me", {}
    return "objection.index" if detail.verb is Verb.REPORTED else "receipt.show", {"campaign_id": detail.campaign_id}


def _clarification_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    idea_id = detail.after.get("idea_id")
    if detail.campaign_id is None or not isinstance(idea_id, int):
        return "person.me", {}
    return "idea.show", {"campaign_id": detail.campaign_id, "idea_id": idea_id, "_anchor": "clarifications"}


# Kinds that have a function of their own.
_TARGETS: dict[NoticeKind, Callable[[NoticeDetail], tuple[str, dict[str, Any]]]] = {
    NoticeKind.ANSWER_CHANGED: answer_target,
    NoticeKind.TEXT_MODERATED: moderated_target,
    NoticeKind.THEME_ASSIGNED: assigned_target,
    NoticeKind.OBJECTION: _objection_target,
    NoticeKind.PIONEER: pioneer_target,
    NoticeKind.NEWCOMER: newcomer_target,
    NoticeKind.CLARIFICATION: _clarification_target,
    **dict.fromkeys(ABOUT_SPACES, space_target),
    **dict.fromkeys(ABOUT_COMMENTS, comment_target),
    **dict.fromkeys(ABOUT_FOLLOWED, follow_target),
    **dict.fromkeys(ABOUT_CONTESTS, contest_target),
}


def target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The endpoint of the page that the notice leads to, and its values."""
    if detail.kind in _TARGETS:
        return _TARGETS[detail.kind](detail)
    if detail.campaign_id is None or detail.kind is NoticeKind.SANCTION_CHANGED:
        return _OF_THE_SITE.get(detail.kind, ("person.me", {}))
    here = {"campaign_id": detail.campaign_id}
    if detail.kind is NoticeKind.IDEA_MOVED:
        return ("idea.show", here | {"idea_id": detail.ideas[0]}) if len(detail.ideas) == 1 else ("person.me", {})
    shown = detail.after.get("into_id" if detail.verb is Verb.REQUESTED else "idea_id")
    if detail.kind in {NoticeKind.IDEA_MERGED, NoticeKind.CO_AUTHORED, NoticeKind.BUDDY} and isinstance(shown, int):
        return "idea.show", here | {"idea_id": shown}
    pages = {
        NoticeKind.PUBLICATION_REFUSED: "debrief.write",
        NoticeKind.DEBRIEF_DUE: "debrief.write",
        NoticeKind.PROMISE_CHANGED: "campaign.show",
        NoticeKind.ROLE_CHANGED: "campaign.show",
        NoticeKind.JOB_FAILED: "theme.index",
        NoticeKind.IDEAS_GROUPED: "theme.index",
        NoticeKind.CAMPAIGN_EXPORTED: "export.show",
        NoticeKind.DRAFT_WAITING: "idea_draft.new",
        NoticeKind.IDEA_MERGED: "campaign.show",
        NoticeKind.CO_AUTHORED: "campaign.show",
        NoticeKind.BUDDY: "campaign.show",
        NoticeKind.REPORT_ANSWERED: "moderation_policy.show",
        NoticeKind.APPEAL_TO_ANSWER: "review.index",
        NoticeKind.MODERATION_WAITING: "review.index",
    }
    return pages.get(detail.kind, "debrief.show"), here


def _objection(detail: NoticeDetail) -> str:
    """For the team, what an author said; for the author, what the team decided."""
    if detail.verb is Verb.REPORTED:
        return str(_("The author of an idea says that it is not in the right place. Read why, and move it or answer."))
    return str(_("The team read what you said of your idea, and leaves it where it is."))


def _clarification(detail: NoticeDetail) -> str:
    """For the author, a question, or that their answer is off the page; for who asked, that there is an answer."""
    if detail.verb is Verb.REQUESTED:
        return str(_("The campaign team asks you something about your idea. Read the question and answer it."))
    if detail.verb is Verb.REMOVED:
        return str(_("The campaign team took your answer off the page of your idea. It says why."))
    return str(_("The author of an idea answered your question."))


def _done(detail: NoticeDetail) -> str:
    if not detail.action:
        return str(_("An action is done."))
    return str(_("The action “%(action)s” is done.", action=inner(detail.action)))


def _abandoned(detail: NoticeDetail) -> str:
    if not detail.action:
        return str(_("An action is abandoned."))
    return str(_("The action “%(action)s” is abandoned.", action=inner(detail.action)))


def _dates(detail: NoticeDetail) -> str:
    """The new closing and debrief dates, those that changed."""
    if detail.verb is Verb.CLOSED:
        planned = _instant(detail.before.get("closes_at"))
        if planned is None:
            return str(_("The campaign closed to new ideas early."))
        return str(_("The campaign closed to new ideas early. The planned date was %(date)s.", date=zoned(planned)))
    found: list[str] = []
    closes_at, due_at = _instant(detail.after.get("closes_at")), _instant(detail.after.get("debrief_due_at"))
    if closes_at is not None and closes_at != _instant(detail.before.get("closes_at")):
        found.append(str(_("The closing date is now %(date)s.", date=zoned(closes_at))))
    if due_at is not None and due_at != _instant(detail.before.get("debrief_due_at")):
        found.append(str(_("The debrief is now promised for %(date)s.", date=zoned(due_at))))
    if "phases" in detail.after:
        found += _phases(detail)
    return " ".join(found) or str(_("A date of the campaign has changed."))


def _phases(detail: NoticeDetail) -> list[str]:
    """Until when the phases of the campaign take ideas and support now, where that changed."""
    before, after = read_phases(detail.before.get("phases")), read_phases(detail.after["phases"])
    found: list[str] = []
    ideas, support = (_last_end(after, act) for act in (PhaseAct.WRITE, PhaseAct.SUPPORT))
    if ideas is not None and ideas != _last_end(before, PhaseAct.WRITE):
        found.append(str(_("Ideas are now taken until %(date)s.", date=zoned(ideas))))
    if support is not None and support != _last_end(before, PhaseAct.SUPPORT):
        found.append(str(_("Support is now taken until %(date)s.", date=zoned(support))))
    # Without phases both are taken until the closing.
    if after and ideas is None and (not before or _last_end(before, PhaseAct.WRITE)):
        found.append(str(_("Ideas are no longer taken.")))
    if after and support is None and (not before or _last_end(before, PhaseAct.SUPPORT)):
        found.append(str(_("Support is no longer taken.")))
    return found or [str(_("The phases of the campaign have changed."))]


def _last_end(phases: Sequence[CampaignPhase], act: PhaseAct) -> datetime | None:
    return max((one.ends_at for one in phases if act in one.may), default=None)


def _instant(value: Any) -> datetime | None:
    """An instant of the activity log, which holds text."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _moved(detail: NoticeDetail) -> str:
    count = max(1, len(detail.ideas))
    if not detail.theme and detail.idea:
        idea = inner(shorten(detail.idea, MAX_QUOTED_LENGTH))
        return str(_("Your idea “%(idea)s” is no longer part of a theme.", idea=idea))
    if not detail.theme:
        return str(
            ngettext(
                "Your idea is no longer part of a theme.",
                "%(num)s of your ideas are no longer part of a theme.",
                count,
            )
        )
    return str(
        ngettext(
            "Your idea is now part of the theme “%(theme)s”.",
            "%(num)s of your ideas are now part of the theme “%(theme)s”.",
            count,
            theme=inner(detail.theme),
        )
    )


def _role(detail: NoticeDetail) -> str:
    if detail.verb is Verb.HANDED_OVER:
        return _lead(detail)
    ended = detail.verb in {Verb.REMOVED, Verb.REVOKED}
    values = detail.before if ended else detail.after
    role = role_label(str(values.get("role") or values.get("right") or ""))
    if not role:
        return str(_("Your role has changed."))
    if ended:
        return str(_("You no longer have this role: %(role)s.", role=role))
    return str(_("You now have this role: %(role)s.", role=role))


def _lead(detail: NoticeDetail) -> str:
    """A campaign handed over, for its former lead and for the new one."""
    if detail.after.get("owner_id") == detail.reader_id:
        return str(_("You now lead this campaign. Add your portrait and a message."))
    if detail.after.get("former_role"):
        return str(_("You no longer lead this campaign. You are now a facilitator of it."))
    return str(_("You no longer lead this campaign, and you have left its team."))


def _failure(detail: NoticeDetail) -> str:
    if detail.job == "find_themes":
        return str(_("The grouping of ideas failed. Nothing was changed. You can try again."))
    if detail.job == "place_ideas":
        return str(_("New ideas could not be placed in themes. Group the ideas again."))
    if detail.job == "notify_people":
        return str(_("Some people could not be notified of an act. Read why, then run the job again."))
    return str(_("Automatic processing failed. Nothing was changed."))


def _grouped(detail: NoticeDetail) -> str:
    """How many themes were found; a grouping that people have to accept changes nothing before."""
    count = detail.after.get("themes")
    if not isinstance(count, int) or count < 1:
        return str(_("The grouping has ended. It found no theme."))
    if detail.verb is Verb.CREATED:
        return str(
            ngettext(
                "A new grouping into %(num)s theme is ready. Accept or decline its changes.",
                "A new grouping into %(num)s themes is ready. Accept or decline its changes.",
                count,
            )
        )
    return str(
        ngettext("The ideas are grouped into %(num)s theme.", "The ideas are grouped into %(num)s themes.", count)
    )


def _waiting(detail: NoticeDetail) -> str:
    if not detail.waiting:
        return str(_("Something was reported. It has been dealt with since."))
    return str(
        ngettext(
            "%(num)s text or member waits for a moderator.",
            "%(num)s texts or members wait for a moderator.",
            detail.waiting,
        )
    )


def _report(detail: NoticeDetail) -> str:
    """What became of a report, without details."""
    outcome = detail.after.get("outcome")
    acted = {Outcome.HIDDEN, Outcome.CHANGE_ASKED, Outcome.REWORDED, Outcome.FILE_TAKEN_OFF, Outcome.SANCTIONED}
    if outcome in acted:
        return str(_("The moderators have acted on your report. Thank you."))
    return str(_("The moderators have read your report. They found that no rule is broken."))


def _sanction(detail: NoticeDetail) -> str:
    if detail.verb is Verb.LIFTED:
        return str(_("A sanction on your account is lifted."))
    if detail.verb is Verb.UPHELD:
        return str(_("Your appeal is answered. The sanction is upheld."))
    kind = detail.after.get("kind")
    if kind == SanctionKind.WARNING:
        return str(_("You have received a warning. Read why."))
    if kind == SanctionKind.SUSPENSION:
        return str(_("Your account is suspended. Read why, until when, and how to appeal."))
    return str(_("Your account is banned. Read why, and how to appeal."))
