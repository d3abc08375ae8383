"""Whatever is done in whatever order, and whatever fails meanwhile: everyone concerned is told, and exactly once."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.clock import now as clock
from app.extensions import database, db
from app.mail import notices as consumer
from app.mail.notices import notify_due
from app.worker.worker import run_next
from ideas.activity.activity import first_broken
from ideas.answers.action import Action
from ideas.answers.decision import Decision
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TeamMember
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.themes.edits.history import EditKind, ThemeEdit
from ideas.themes.placement import Placement
from ideas.work.job import Job, JobStatus, Queue
from tests.stories import ANSWERING, CHANGING, TAKING_PART, TO_THE_DEBRIEF, Story, hurried, steps_of, undone

pytestmark = pytest.mark.slow


@dataclass
class State:
    """What people read of a campaign."""

    debriefed: bool
    dates: tuple
    answers: dict
    ended: dict
    placed: dict
    comments: set


def state_of(session, campaign):
    answers = {
        decision.id: (decision.status, decision.reason, decision.expected_on, decision.decided_on)
        for decision in session.scalars(select(Decision))
    }
    return State(
        debriefed=campaign.debriefed_at is not None,
        dates=(campaign.closes_at, campaign.debrief_due_at),
        answers=answers,
        ended={
            action.id: NoticeKind.ACTION_DONE if action.done_at else NoticeKind.ACTION_ABANDONED
            for action in session.scalars(select(Action))
            if not action.is_open
        },
        placed=dict(session.execute(select(Placement.idea_id, Placement.theme_id)).all()),
        comments=set(session.scalars(select(Comment.id))),
    )


def concerned(session, idea_ids=None):
    """Who wrote, commented on or supported these ideas, or any."""
    ideas = {
        idea.id: idea.author_id
        for idea in session.scalars(select(Idea))
        if idea.submitted_at and not idea.withdrawn_at and (idea_ids is None or idea.id in idea_ids)
    }
    responses = [*session.execute(select(Comment.idea_id, Comment.author_id))]
    responses += [*session.execute(select(Vote.idea_id, Vote.person_id))]
    return set(ideas.values()) | {person_id for idea_id, person_id in responses if idea_id in ideas}


def theme_today(session, theme_id):
    """The theme that has the ideas of this one: itself, or the one that it was merged into."""
    merges = session.scalars(select(ThemeEdit).where(ThemeEdit.kind == EditKind.MERGE, ThemeEdit.undone_at.is_(None)))
    for merge in sorted(merges, key=lambda merge: merge.id):
        into, *others = merge.summary["themes"]
        theme_id = into if theme_id in others else theme_id
    return theme_id


def expected(session, campaign, before, after):
    """Who is to be told of what once the act was done: (kind, object, person)."""
    told = Counter()
    team = {campaign.owner_id, *session.scalars(select(TeamMember.person_id))}
    if after.debriefed and not before.debriefed:
        told.update((NoticeKind.DEBRIEF_PUBLISHED, campaign.id, one) for one in concerned(session) - team)
    if before.dates != after.dates:
        told.update((NoticeKind.PROMISE_CHANGED, campaign.id, one) for one in concerned(session))
    for comment in map(partial(session.get_one, Comment), after.comments - before.comments):
        told.update(
            (NoticeKind.IDEA_COMMENTED, comment.id, one) for one in {comment.idea.author_id} - {comment.author_id}
        )
    if before.debriefed:
        told += expected_of_answers(session, before, after)
        told += expected_of_moves(session, before, after)
    return Counter({key: count for key, count in told.items() if key[2] != campaign.owner_id})


def expected_of_answers(session, before, after):
    changes = {
        (NoticeKind.ANSWER_CHANGED, decision_id): session.get_one(Decision, decision_id).theme_id
        for decision_id, answer in after.answers.items()
        if before.answers.get(decision_id) != answer
    } | {
        (kind, action_id): session.get_one(Action, action_id).decision.theme_id
        for action_id, kind in after.ended.items()
        if before.ended.get(action_id) != kind
    }
    told = Counter()
    for change, theme_id in changes.items():
        today = theme_today(session, theme_id)
        ideas = {idea_id for idea_id, theme_id in after.placed.items() if theme_id == today}
        told.update((*change, one) for one in concerned(session, ideas))
    return told


def expected_of_moves(session, before, after):
    moved = {idea_id for idea_id, theme_id in after.placed.items() if before.placed.get(idea_id, theme_id) != theme_id}
    ideas = session.scalars(
        select(Idea).where(Idea.id.in_(moved), Idea.submitted_at.is_not(None), Idea.withdrawn_at.is_(None))
    )
    return Counter((NoticeKind.IDEA_MOVED, idea.id, idea.author_id) for idea in ideas)


def told_since(session, last):
    """Who was told of what in the notices after this one. A notice of moves counts for each of the reader's ideas."""
    told = Counter()
    for notice in session.scalars(select(Notice).where(Notice.id > last)):
        if notice.kind is NoticeKind.IDEA_MOVED:
            ideas = session.scalars(select(Idea.id).where(Idea.id.in_(notice.activity.after["ideas"])))
            own = [idea_id for idea_id in ideas if session.get_one(Idea, idea_id).author_id == notice.person_id]
            assert own
            told.update((notice.kind, idea_id, notice.person_id) for idea_id in own)
        else:
            told[notice.kind, notice.object_id, notice.person_id] += 1
    return told


@pytest.fixture
def cast(session, campaign, make_theme, make_person, alice, bob, charlie):
    """The ids of an open campaign with three themes, of its owner, and of three who take part, one of its team."""
    dora = make_person("Dora")
    for number, author in enumerate([charlie, dora, charlie]):
        bodies = [f"Idea {number}", f"Another {number}"]
        make_theme(campaign, f"Theme {number}", bodies=bodies, author=author)
    ids = campaign.id, alice.id, (charlie.id, dora.id, bob.id)
    session.commit()
    return ids


@pytest.fixture
def faults(monkeypatch):
    """How many times more reading who is to be told fails, and writing the mails."""
    left = Counter()

    def failing(name):
        works = getattr(consumer, name)

        def attempt(*given, **named):
            if left[name]:
                left[name] -= 1
                raise KeyError(name)
            return works(*given, **named)

        monkeypatch.setattr(consumer, name, attempt)

    failing("recipients")
    failing("queue_mails")
    return left


def tell_everyone(session, fault, faults):
    """A turn of the worker, and the jobs that it leaves, whatever fails."""
    faults.update(dict.fromkeys(("recipients", "queue_mails"), fault % 3) if fault > 5 else {})
    while notify_due(clock() + timedelta(days=30)):
        pass
    due = update(Job).where(Job.queue == Queue.MAIL, Job.status == JobStatus.QUEUED).values(run_at=clock())
    while session.execute(due).rowcount:
        session.commit()
        run_next(queues=[Queue.MAIL])
    faults.clear()
    session.expire_all()


@hurried(20)
@given(
    open_for=st.integers(0, 6),
    steps=steps_of((*ANSWERING, *CHANGING, *TAKING_PART), least=8, most=14),
    fault=st.lists(st.integers(0, 9), min_size=30, max_size=30),
)
def test_everyone_concerned_is_told_exactly_once(app, connection, cast, faults, now, open_for, steps, fault):
    with app.app_context(), undone(connection):
        session = database()
        the_organisation(session).weekly_mails = 10_000  # what exceeds a budget is another story
        campaign, owner = session.get_one(Campaign, cast[0]), session.get_one(Person, cast[1])
        story = Story(session, campaign, owner, now, [session.get_one(Person, number) for number in cast[2]])
        for step, failing in zip([*steps[:open_for], *TO_THE_DEBRIEF, *steps[open_for:]], fault, strict=False):
            last = session.scalar(select(func.max(Notice.id))) or 0
            before = state_of(session, campaign)
            story.take(*step)
            tell_everyone(session, failing, faults)
            assert told_since(session, last) == expected(session, campaign, before, state_of(session, campaign)), step
        assert not session.scalars(select(Job).where(Job.status == JobStatus.FAILED)).all()
        mails, notices = (session.scalar(select(func.count(kind.id))) for kind in (Message, Notice))
        assert mails == notices, "each of them by mail, once"
        assert first_broken(session) is None
        db.session.remove()
