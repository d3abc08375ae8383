"""Who is told of which act. An act that is not in RULES is told to nobody; nobody is told of their own act."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, func, or_, select, union
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import Action
from ideas.answers.debriefs.figures import contributor_ids
from ideas.answers.debriefs.objection import Objection
from ideas.answers.decision import Decision
from ideas.answers.earlier import merged_into
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.base import chunks
from ideas.campaigns.audience import those_who_see
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TeamMember
from ideas.campaigns.reminder import is_day_before
from ideas.contest.public_vote.ballot import Ballot
from ideas.contributions.authors.co_author import CoAuthor
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.talk.clarification import Clarification
from ideas.contributions.vote import Reaction, Vote
from ideas.contributions.withheld import ObjectKind, Review
from ideas.desk.work import assignable
from ideas.files import File
from ideas.moderation.report import Report
from ideas.moderation.review import moderators
from ideas.outreach.contest import entrants, jury_to_tell, voters
from ideas.outreach.newsletters.readers import author_of_newsletter, readers_of, referent_to_ask
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.talk import (
    author_of_comment,
    authors_of_idea,
    followers_of_campaign,
    followers_of_idea,
    followers_of_spaces,
    managers_of,
    mentioned,
    replied_to,
    who_may_answer_question,
)
from ideas.people.person import Person, is_here
from ideas.people.sanction import Sanction
from ideas.recognition.pioneer import Pioneer
from ideas.spaces.membership import moderator_ids
from ideas.spaces.workshops.coming import to_tell_of_workshop
from ideas.themes.passage import counted
from ideas.themes.theme import Theme
from ideas.work.job import Job


@dataclass(frozen=True, slots=True)
class Rule:
    """The kind of notice that an act makes, and the ids of the people who get it.

    `every`: a campaign's notices of this kind come at least this long apart, but for those of acts whose rule has none:
    such a notice delays none, and stands for none. See `due`.
    `then`: the rule for those whom this one leaves out, so that nobody is told twice of one act.
    """

    kind: NoticeKind
    people: Callable[[Session, Activity], Iterable[int]]
    every: timedelta | None = None
    then: "Rule | None" = None

    def due(self, session: Session, activity: Activity, now: datetime) -> datetime:
        """When the notices of this act are shown and sent: now, or once enough time has passed since the last ones."""
        last = _last_due(session, self.kind, activity) if self.every is not None else None
        return max(now, last + self.every) if last is not None and self.every is not None else now


def in_turn(first: Rule, *others: Rule) -> Rule:
    """These rules as one: each person is told by the first that names them."""
    return replace(first, then=in_turn(*others)) if others else first


def rule_for(activity: Activity) -> Rule | None:
    return RULES.get((activity.object_kind, activity.verb))


def rules_for(activity: Activity) -> list[Rule]:
    """The rule of this act and those that follow it, in the order in which people are told."""
    rules: list[Rule] = []
    rule = rule_for(activity)
    while rule is not None:
        rules.append(rule)
        rule = rule.then
    return rules


def recipients(session: Session, activity: Activity, rule: Rule) -> list[int]:
    """The ids of the people to tell of this act, ascending, without the one who did it and accounts that were erased.

    Of a campaign, only those who see it by now; a role that ends is told to who had it.
    """
    if rule.every is not None and (last := _last_due(session, rule.kind, activity)) and last > activity.at:
        return []  # a notice that is still to come tells of this act too
    people = _still_here(session, set(rule.people(session, activity)) - {activity.actor_id or 0})
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    if campaign is None or rule.kind is NoticeKind.ROLE_CHANGED:
        return people
    return sorted(those_who_see(session, campaign, people))


def told_by_kind(session: Session, activity: Activity) -> dict[NoticeKind, list[int]]:
    """The ids of the people to tell of this act, by the kind of their notice: each by the first rule that names them.

    For an act that nobody is told of yet; it need not be recorded.
    """
    told: dict[NoticeKind, list[int]] = {}
    known: set[int] = set()
    for rule in rules_for(activity):
        told[rule.kind] = [person_id for person_id in recipients(session, activity, rule) if person_id not in known]
        known.update(told[rule.kind])
    return told


def _still_here(session: Session, people: Collection[int]) -> list[int]:
    found: list[int] = []
    for ids in chunks(sorted(people)):
        found += session.scalars(select(Person.id).where(Person.id.in_(ids), is_here()).order_by(Person.id))
    return found


def _debrief_published(session: Session, activity: Activity) -> Iterable[int]:
    """Everyone who took part, also who only voted; not the team, which publishes it."""
    return {*contributor_ids(session, activity.object_id), *voters(session, activity.object_id)}


def _who_scheduled(session: Session, activity: Activity) -> Iterable[int]:
    """The owner of a campaign whose debrief was not published at its hour, and who had scheduled that."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    named = (activity.after or {}).get("set_by_id")
    owner = {campaign.owner_id} if campaign is not None else set()
    return owner | ({named} if isinstance(named, int) else set())


def _answer_changed(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by the theme of a decision that is given or changed after the debrief."""
    if not _debrief_is_public(session, activity):
        return ()
    theme = session.scalar(select(Decision.theme_id).where(Decision.id == activity.object_id))
    return _concerned_by(session, theme)


def _idea_answered(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by an idea whose own answer is published or changed after the debrief, which has it otherwise."""
    if not _debrief_is_public(session, activity):
        return ()
    idea_id = session.scalar(select(IdeaAnswer.idea_id).where(IdeaAnswer.id == activity.object_id))
    return session.scalars(_took_part((Idea.id == idea_id) | (Idea.merged_into_id == idea_id)))


def _action_told(session: Session, activity: Activity) -> Iterable[int]:
    """Those concerned by the theme of an action that ends, changes or is reopened, if it was public by then."""
    if not _debrief_is_public(session, activity):
        return ()
    theme = session.scalar(
        select(Decision.theme_id).join(Action, Action.decision_id == Decision.id).where(Action.id == activity.object_id)
    )
    return _concerned_by(session, theme)


def _promise_changed(session: Session, activity: Activity) -> Iterable[int]:
    """Everyone who took part, if the campaign was announced by then."""
    campaign = session.get(Campaign, activity.object_id)
    if campaign is None or campaign.announced_at is None or campaign.announced_at > activity.at:
        return ()
    return session.scalars(_took_part(Idea.campaign_id == campaign.id))


def _idea_moved(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of the ideas that were moved, and of what is merged into them.

    If their themes and answers were public by then.
    """
    if not _debrief_is_public(session, activity):
        return ()
    authors: set[int] = set()
    for ids in chunks(moved_ideas(activity)):
        moved = Idea.id.in_(ids) | Idea.merged_into_id.in_(ids)
        authors |= set(session.scalars(people_of(moved & is_readable())))
    return authors


def _role_changed(session: Session, activity: Activity) -> Iterable[int]:
    """The person whose role in a team began, changed or ended. The row itself may be gone by now, and so may they."""
    if _names_person(activity):
        return _person_named(session, activity)
    return session.scalars(select(TeamMember.person_id).where(TeamMember.id == activity.object_id))


def _person_named(session: Session, activity: Activity) -> Sequence[int]:
    """The person whose place in a space began, changed or ended. The activity names them."""
    return session.scalars(select(Person.id).where(Person.id.in_(_names_person(activity)))).all()


def _names_person(activity: Activity) -> list[int]:
    named = [(values or {}).get("person_id") for values in (activity.after, activity.before)]
    return [one for one in named if isinstance(one, int)][:1]


def _handed_over(session: Session, activity: Activity) -> Iterable[int]:
    """The former lead of a campaign and the new one."""
    both = [(values or {}).get("owner_id") for values in (activity.before, activity.after)]
    return session.scalars(select(Person.id).where(Person.id.in_([one for one in both if isinstance(one, int)])))


def _right_changed(session: Session, activity: Activity) -> Iterable[int]:
    """The person whom the act is about."""
    return session.scalars(select(Person.id).where(Person.id == activity.object_id))


def _space_requested(session: Session, activity: Activity) -> Iterable[int]:
    """Those who run the space that somebody asks to enter."""
    space_id = space_of(activity)
    return moderator_ids(session, space_id) if space_id is not None else ()


def space_of(activity: Activity) -> int | None:
    """The space in which somebody's place began, changed or ended. The row itself may be gone by now."""
    found = ((activity.after or {}) | (activity.before or {})).get("space_id")
    return found if isinstance(found, int) else None


def _job_failed(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign; the administrators where the job belongs to none."""
    if activity.campaign_id is not None:
        return session.scalars(managers_of(activity.campaign_id))
    return session.scalars(select(Person.id).where(Person.is_admin))


def _managers(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign."""
    return session.scalars(managers_of(activity.campaign_id)) if activity.campaign_id is not None else ()


# What happens to somebody's place in a space without their doing.
PLACE_VERBS = (Verb.ACCEPTED, Verb.ADDED, Verb.CHANGED, Verb.DECLINED, Verb.QUEUED, Verb.REMOVED, Verb.SEATED)


def _author_of_review(session: Session, activity: Activity) -> Iterable[int]:
    """Who wrote the text that a moderator dealt with; not a person who was reported: their sanction is told."""
    review = session.get(Review, activity.object_id)
    if review is None or review.object_kind is ObjectKind.PERSON:
        return ()
    authors = {review.author_id} if review.author_id is not None else set()
    if review.object_kind is ObjectKind.IDEA:
        authors |= set(session.scalars(people_of(Idea.id == review.object_id)))
    return authors


def _reporter(session: Session, activity: Activity) -> Iterable[int]:
    """Who sent the report."""
    return session.scalars(select(Report.reporter_id).where(Report.id == activity.object_id))


def _sanctioned(session: Session, activity: Activity) -> Iterable[int]:
    """Whom the sanction is about."""
    return session.scalars(select(Sanction.person_id).where(Sanction.id == activity.object_id))


def _may_answer(session: Session, activity: Activity) -> Iterable[int]:
    """Who moderates the campaign, or the administrators where the sanction holds everywhere; not who gave it."""
    given_by = session.scalar(select(Sanction.given_by_id).where(Sanction.id == activity.object_id))
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    others = {person.id for person in moderators(session, campaign)} - {given_by} if campaign is not None else set()
    return others or set(session.scalars(select(Person.id).where(Person.is_admin))) - {given_by}


def _authors_of_merge(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of both ideas; once they are merged or separated, also of what is merged into either."""
    ids = merged_ideas(activity)
    of_both: ColumnElement[bool] = Idea.id.in_(ids)
    if activity.verb in {Verb.MERGED, Verb.UNDONE}:
        of_both |= Idea.merged_into_id.in_(ids)
    return session.scalars(people_of(of_both))


def _authors_of_idea(session: Session, activity: Activity) -> Iterable[int]:
    """The authors of the idea."""
    return session.scalars(people_of(Idea.id == activity.object_id))


def _asked_co_author(session: Session, activity: Activity) -> Iterable[int]:
    """Who is invited to be a co-author, or is removed."""
    return session.scalars(select(CoAuthor.person_id).where(CoAuthor.id == activity.object_id))


def _author_who_asked(session: Session, activity: Activity) -> Iterable[int]:
    """The author of the idea that a co-author joined, declined to join or left."""
    invited = select(CoAuthor.idea_id).where(CoAuthor.id == activity.object_id)
    return session.scalars(select(Idea.author_id).where(Idea.id.in_(invited), Idea.author_id.is_not(None)))


def _authors_of_drafts(session: Session, activity: Activity) -> Iterable[int]:
    """Who has an idea in the campaign that is not submitted, before it closes."""
    if "closes_at" not in (activity.after or {}):
        return ()
    waits = (Idea.campaign_id == activity.campaign_id) & Idea.submitted_at.is_(None)
    return session.scalars(select(Idea.author_id).where(waits, Idea.author_id.is_not(None)))


def _reminded_followers(session: Session, activity: Activity) -> Iterable[int]:
    """Who follows the campaign: a day before its closing, and no more."""
    return followers_of_campaign(session, activity) if is_day_before(activity) else ()


def _who_owes_debrief(session: Session, activity: Activity) -> Iterable[int]:
    """Those who manage the campaign, three days before its debrief is due and once it is late."""
    return _managers(session, activity) if "debrief_due_at" in (activity.after or {}) else ()


def _who_objected(session: Session, activity: Activity) -> Iterable[int]:
    """Who said that their idea is misplaced."""
    return session.scalars(select(Objection.person_id).where(Objection.id == activity.object_id))


def _asked_author(session: Session, activity: Activity) -> Iterable[int]:
    """The author whom the team asks, or whose answer it took off the page; not who took it off themselves."""
    asked = session.get(Clarification, activity.object_id)
    if asked is None or (activity.verb is Verb.REMOVED and not asked.taken_off_by_team):
        return ()
    return (asked.person_id,)


def _who_asked_author(session: Session, activity: Activity) -> Iterable[int]:
    """Who asked the author, if they still manage the campaign."""
    if activity.campaign_id is None:
        return ()
    asked_by = select(Clarification.asked_by_id).where(Clarification.id == activity.object_id)
    return set(session.scalars(asked_by)) & set(session.scalars(managers_of(activity.campaign_id)))


def _moderators(session: Session, activity: Activity) -> Iterable[int]:
    """Those who moderate the campaign."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    return {person.id for person in moderators(session, campaign)} if campaign is not None else ()


def _last_due(session: Session, kind: NoticeKind, activity: Activity) -> datetime | None:
    """When the latest notices of this kind in the campaign of this act were due; its own are left out.

    And those of acts that are told one by one, to others: the team's answer to an objection is not an objection.
    """
    others = (Notice.campaign_id == activity.campaign_id) & (Notice.activity_id != activity.id)
    gathered = [act for act, rule in RULES.items() if rule.kind is kind and rule.every is not None]
    told = select(func.max(Notice.not_before)).join(Activity, Activity.id == Notice.activity_id)
    acts = or_(*(and_(Activity.object_kind == of, Activity.verb == verb) for of, verb in gathered))
    return session.scalar(told.where(others, Notice.kind == kind, acts))


def _assignee(session: Session, activity: Activity) -> Iterable[int]:
    """Who a theme is assigned to, or is reminded of it, if they still may answer it. Of several at once, the act on the
    first one tells of all.
    """
    campaign = session.get(Campaign, activity.campaign_id) if assigned_themes(activity) else None
    named = (activity.after or {}).get("assignee_id")
    return [person.id for person in assignable(session, campaign) if person.id == named] if campaign is not None else ()


def _late(session: Session, activity: Activity) -> Iterable[int]:
    """Whose theme is late, and the owner of the campaign: once for each day that is over."""
    campaign = session.get(Campaign, activity.campaign_id) if assigned_themes(activity) else None
    return {*_assignee(session, activity), campaign.owner_id} if campaign is not None else ()


def assigned_themes(activity: Activity) -> list[int]:
    """The ids of the themes that an act assigns to one person, or reminds them of."""
    return [theme_id for theme_id in (activity.after or {}).get("themes", ()) if isinstance(theme_id, int)]


def _export_owner(session: Session, activity: Activity) -> Iterable[int]:
    """Whose data the export holds."""
    return session.scalars(select(File.uploaded_by_id).where(File.id == activity.object_id))


def _who_asked(session: Session, activity: Activity) -> Iterable[int]:
    """Who asked for the export that a job has made."""
    payload = session.scalar(select(Job.payload).where(Job.id == activity.object_id)) or {}
    return [payload["person"]] if "person" in payload else []


def _pioneer(session: Session, activity: Activity) -> Iterable[int]:
    """Who is invited as a pioneer, or whose year ends."""
    return session.scalars(select(Pioneer.person_id).where(Pioneer.id == activity.object_id))


def _of_workshop(session: Session, activity: Activity) -> Iterable[int]:
    """The people in the space of the workshop who did not decline; of a change, where its date or place is another."""
    if activity.verb is Verb.CHANGED and not {"starts_at", "ends_at", "place"} & set(activity.before or {}):
        return ()
    return to_tell_of_workshop(session, activity.object_id)


def _newcomer_and_buddy(_session: Session, activity: Activity) -> Iterable[int]:
    """A newcomer, and who welcomes them: the act names its buddy, and its row the newcomer."""
    named = (activity.after or {}).get("buddy_id")
    return [activity.object_id, *([named] if isinstance(named, int) else [])]


def _who_invited_pioneer(session: Session, activity: Activity) -> Iterable[int]:
    """Who invited the pioneer."""
    invited = select(Pioneer.invited_by_id).where(Pioneer.id == activity.object_id, Pioneer.invited_by_id.is_not(None))
    return session.scalars(invited)


_OF_COMMENT = in_turn(
    Rule(NoticeKind.MENTIONED, mentioned),
    Rule(NoticeKind.COMMENT_REPLY, replied_to),
    Rule(NoticeKind.QUESTION_ASKED, who_may_answer_question),
    Rule(NoticeKind.IDEA_COMMENTED, authors_of_idea),
    Rule(NoticeKind.FOLLOWED_IDEA, followers_of_idea),
)
_OF_FOLLOWED = Rule(NoticeKind.FOLLOWED_CAMPAIGN, followers_of_campaign)
_OF_REMINDER = in_turn(
    Rule(NoticeKind.DRAFT_WAITING, _authors_of_drafts),
    Rule(NoticeKind.FOLLOWED_CAMPAIGN, _reminded_followers),
    Rule(NoticeKind.DEBRIEF_DUE, _who_owes_debrief),
)

RULES: dict[tuple[str, Verb], Rule] = {
    ("debrief", Verb.PUBLISHED): Rule(NoticeKind.DEBRIEF_PUBLISHED, _debrief_published, then=_OF_FOLLOWED),
    ("debrief_schedule", Verb.DECLINED): Rule(NoticeKind.PUBLICATION_REFUSED, _who_scheduled),
    ("decision", Verb.CREATED): Rule(NoticeKind.ANSWER_CHANGED, _answer_changed),
    ("decision", Verb.CHANGED): Rule(NoticeKind.ANSWER_CHANGED, _answer_changed),
    ("idea_answer", Verb.PUBLISHED): Rule(NoticeKind.ANSWER_CHANGED, _idea_answered),
    ("action", Verb.COMPLETED): Rule(NoticeKind.ACTION_DONE, _action_told),
    ("action", Verb.ABANDONED): Rule(NoticeKind.ACTION_ABANDONED, _action_told),
    ("action", Verb.CHANGED): Rule(NoticeKind.ACTION_CHANGED, _action_told),
    ("action", Verb.RESTARTED): Rule(NoticeKind.ACTION_CHANGED, _action_told),
    ("campaign", Verb.EXTENDED): Rule(NoticeKind.PROMISE_CHANGED, _promise_changed, then=_OF_FOLLOWED),
    ("campaign", Verb.CLOSED): Rule(NoticeKind.PROMISE_CHANGED, _promise_changed, then=_OF_FOLLOWED),
    ("campaign", Verb.OPENED): _OF_FOLLOWED,
    ("campaign", Verb.ENDED): _OF_FOLLOWED,
    ("campaign", Verb.REMINDED): _OF_REMINDER,
    ("public_vote", Verb.OPENED): _OF_FOLLOWED,
    ("public_vote", Verb.ENDED): _OF_FOLLOWED,
    ("campaign", Verb.ANNOUNCED): Rule(NoticeKind.FOLLOWED_SPACE, followers_of_spaces),
    **{
        ("contest", verb): Rule(NoticeKind.JURY_WORK, jury_to_tell)
        for verb in (Verb.OPENED, Verb.REMINDED, Verb.COMPLETED)
    },
    **{("contest_result", verb): Rule(NoticeKind.CONTEST_RESULT, entrants) for verb in (Verb.PUBLISHED, Verb.CHANGED)},
    ("campaign", Verb.HANDED_OVER): Rule(NoticeKind.ROLE_CHANGED, _handed_over),
    ("theme_edit", Verb.MOVED): Rule(NoticeKind.IDEA_MOVED, _idea_moved),
    ("team_member", Verb.ADDED): Rule(NoticeKind.ROLE_CHANGED, _role_changed),
    ("team_member", Verb.CHANGED): Rule(NoticeKind.ROLE_CHANGED, _role_changed),
    ("team_member", Verb.REMOVED): Rule(NoticeKind.ROLE_CHANGED, _role_changed),
    ("person", Verb.GRANTED): Rule(NoticeKind.ROLE_CHANGED, _right_changed),
    ("person", Verb.REVOKED): Rule(NoticeKind.ROLE_CHANGED, _right_changed),
    ("membership", Verb.REQUESTED): Rule(NoticeKind.SPACE_REQUEST, _space_requested),
    **{("membership", verb): Rule(NoticeKind.SPACE_PLACE, _person_named) for verb in PLACE_VERBS},
    ("job", Verb.FAILED): Rule(NoticeKind.JOB_FAILED, _job_failed),
    ("theme_run", Verb.GROUPED): Rule(NoticeKind.IDEAS_GROUPED, _managers),
    ("review", Verb.HIDDEN): Rule(NoticeKind.TEXT_MODERATED, _author_of_review),
    ("review", Verb.CHANGE_ASKED): Rule(NoticeKind.TEXT_MODERATED, _author_of_review),
    ("review", Verb.REMOVED): Rule(NoticeKind.TEXT_MODERATED, _author_of_review),
    # What waited for a moderator, or for its author to change it, is told once it is public.
    **{
        ("review", verb): Rule(NoticeKind.TEXT_MODERATED, _author_of_review, then=_OF_COMMENT)
        for verb in (Verb.APPROVED, Verb.RESTORED, Verb.REWORDED)
    },
    ("review", Verb.CHANGED): _OF_COMMENT,
    ("comment", Verb.ADDED): _OF_COMMENT,
    ("comment", Verb.PINNED): Rule(NoticeKind.COMMENT_PINNED, author_of_comment),
    ("comment", Verb.CHANGED): Rule(NoticeKind.MENTIONED, mentioned),
    ("report", Verb.COMPLETED): Rule(NoticeKind.REPORT_ANSWERED, _reporter),
    ("sanction", Verb.SANCTIONED): Rule(NoticeKind.SANCTION_CHANGED, _sanctioned),
    ("sanction", Verb.LIFTED): Rule(NoticeKind.SANCTION_CHANGED, _sanctioned),
    ("sanction", Verb.UPHELD): Rule(NoticeKind.SANCTION_CHANGED, _sanctioned),
    ("sanction", Verb.APPEALED): Rule(NoticeKind.APPEAL_TO_ANSWER, _may_answer),
    ("file", Verb.EXPORTED): Rule(NoticeKind.EXPORT_READY, _export_owner),
    ("job", Verb.COMPLETED): Rule(NoticeKind.CAMPAIGN_EXPORTED, _who_asked),
    ("proposal", Verb.CREATED): Rule(NoticeKind.IDEAS_GROUPED, _managers),
    ("review", Verb.REPORTED): Rule(NoticeKind.MODERATION_WAITING, _moderators, every=timedelta(days=1)),
    ("review", Verb.HELD): Rule(NoticeKind.MODERATION_WAITING, _moderators, every=timedelta(days=1)),
    # Of an import, whose rows with personal data wait.
    ("campaign", Verb.HELD): Rule(NoticeKind.MODERATION_WAITING, _moderators, every=timedelta(days=1)),
    ("badge_told", Verb.GRANTED): Rule(NoticeKind.BADGE_REACHED, _right_changed),
    ("journey_step", Verb.INVITED): Rule(NoticeKind.NEWCOMER, _right_changed),
    ("buddy", Verb.ASSIGNED): Rule(NoticeKind.BUDDY, _newcomer_and_buddy),
    **{
        ("pioneer", verb): Rule(NoticeKind.PIONEER, _pioneer)
        for verb in (Verb.INVITED, Verb.REMINDED, Verb.REMOVED, Verb.ENDED)
    },
    **{
        ("pioneer", verb): Rule(NoticeKind.PIONEER, _who_invited_pioneer)
        for verb in (Verb.ACCEPTED, Verb.DECLINED, Verb.LEFT)
    },
    **{
        ("workshop", verb): Rule(NoticeKind.WORKSHOP, _of_workshop)
        for verb in (Verb.ANNOUNCED, Verb.CHANGED, Verb.ABANDONED)
    },
    ("newsletter", Verb.PUBLISHED): Rule(NoticeKind.NEWSLETTER, readers_of),
    ("newsletter", Verb.REQUESTED): Rule(NoticeKind.NEWSLETTER_WORK, referent_to_ask),
    **{
        ("newsletter", verb): Rule(NoticeKind.NEWSLETTER_WORK, author_of_newsletter)
        for verb in (Verb.APPROVED, Verb.DECLINED)
    },
    ("theme_work", Verb.ASSIGNED): Rule(NoticeKind.THEME_ASSIGNED, _assignee),
    ("theme_work", Verb.REMINDED): Rule(NoticeKind.THEME_ASSIGNED, _late),
    ("objection", Verb.REPORTED): Rule(NoticeKind.OBJECTION, _managers, every=timedelta(days=1)),
    ("objection", Verb.DECLINED): Rule(NoticeKind.OBJECTION, _who_objected),
    **{
        ("clarification", verb): Rule(NoticeKind.CLARIFICATION, _asked_author)
        for verb in (Verb.REQUESTED, Verb.REMOVED)
    },
    ("clarification", Verb.COMPLETED): Rule(NoticeKind.CLARIFICATION, _who_asked_author),
    ("idea", Verb.SPLIT): Rule(NoticeKind.TEXT_MODERATED, _authors_of_idea),
    ("idea", Verb.UNDONE): Rule(NoticeKind.TEXT_MODERATED, _authors_of_idea),
    **{("co_author", verb): Rule(NoticeKind.CO_AUTHORED, _asked_co_author) for verb in (Verb.INVITED, Verb.REMOVED)},
    **{
        ("co_author", verb): Rule(NoticeKind.CO_AUTHORED, _author_who_asked)
        for verb in (Verb.ACCEPTED, Verb.DECLINED, Verb.LEFT)
    },
    **{
        ("idea_merge", verb): Rule(NoticeKind.IDEA_MERGED, _authors_of_merge)
        for verb in (Verb.REQUESTED, Verb.DECLINED, Verb.MERGED, Verb.UNDONE)
    },
}


def merged_ideas(activity: Activity) -> list[int]:
    """The ids of the idea that was merged, and of the one that it was merged into."""
    named = [(activity.after or {}).get(name) for name in ("idea_id", "into_id")]
    return [idea_id for idea_id in named if isinstance(idea_id, int)]


def moved_ideas(activity: Activity) -> Sequence[int]:
    """The ids of the ideas that were moved together."""
    ids = (activity.after or {}).get("ideas", ())
    return [idea_id for idea_id in ids if isinstance(idea_id, int)]


def _took_part(concerned: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Who wrote, commented, supported, voted or reacted, for the public ideas that meet this condition; each once."""
    counted = concerned & is_readable()
    return union(
        people_of(counted),
        select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(counted, is_shown()),
        select(Vote.person_id).join(Idea, Idea.id == Vote.idea_id).where(counted),
        select(Reaction.person_id).join(Idea, Idea.id == Reaction.idea_id).where(counted),
        select(Ballot.person_id).join(Idea, Idea.id == Ballot.idea_id).where(counted),
    )


def _concerned_by(session: Session, theme_id: int | None) -> Iterable[int]:
    """Who took part for the ideas that count in this theme, each once, however many of theirs do.

    Where it was merged away, for those of the theme that has them now.
    """
    theme = session.get(Theme, theme_id) if theme_id is not None else None
    if theme is None:
        return ()
    holder_id = theme.id if theme.retired_at is None else merged_into(session, theme)
    pairs = counted(theme_id=holder_id).subquery()
    ids = select(pairs.c.idea_id)
    alone = Idea.merged_into_id.is_(None)  # a merged idea counts where the one that it is merged into does
    return session.scalars(_took_part((Idea.id.in_(ids) & alone) | Idea.merged_into_id.in_(ids)))


def _debrief_is_public(session: Session, activity: Activity) -> bool:
    """True if the campaign's debrief was published before this act: what happened until then is in the debrief."""
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    return campaign is not None and campaign.debriefed_at is not None and campaign.debriefed_at < activity.at
