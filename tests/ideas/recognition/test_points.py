"""Points follow from what people did: after any acts they are what a plain recount gives."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.decision import Decision, DecisionStatus, publish_answers
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.authors.inviting import accept_invitation, invite_co_author, leave_idea
from ideas.contributions.comment import Comment, add_comment, withdraw_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea, restore_idea, withdraw_idea
from ideas.contributions.imports.importing import IdeaImport, finish_import, import_chunk, keep_upload, start_import
from ideas.contributions.imports.row import ImportRow, prepare
from ideas.contributions.imports.undo import restore_import, undo_import
from ideas.contributions.merged import merge_of
from ideas.contributions.vote import Vote, cast_vote, withdraw_vote
from ideas.errors import DomainError
from ideas.moderation.acts.merge import merge_ideas, separate
from ideas.moderation.acts.split import split_idea, undo_split
from ideas.moderation.review import hide, restore, review_for
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.recognition.badge import Badge, badges_of
from ideas.recognition.facts import ADOPTING, PointAct, Scope
from ideas.recognition.points import DEFAULTS, point_values, points_given, points_of, totals
from ideas.recognition.settings import PointsOutOfRange, PointsReasonNeeded, copy_motivation, set_motivation
from ideas.recognition.standing import asked_once, listed_in, sums
from ideas.themes.edits.edit import merge_themes, split_theme
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.edits.move import move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.passage import Passage
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from tests.stories import hurried, steps_of, undone

ACTS = (
    "submit", "submit", "submit", "withdraw", "restore", "comment", "comment", "uncomment", "ask", "answer", "support",
    "support", "support", "support", "unsupport", "merge", "merge", "separate", "hide", "show", "place", "place",
    "decide", "publish", "claim", "join", "erase", "worth", "unsigned", "invite", "invite", "leave", "split",
    "join_again", "passage", "move", "merge_themes", "split_theme", "undo_edit", "undo_edit", "import", "undo_import",
    "restore_import",
)  # fmt: skip

# What every idea also asks for, to be split from it.
PART = "And a bench."


def points_in(session, campaign):
    return {person_id: int(points) for person_id, points in session.execute(totals(Scope(campaign.id)))}


def sums_in(session, campaign):
    """The same as the standing of a space adds them up, of those who are listed."""
    here = asked_once(select(Campaign.id).where(Campaign.id == campaign.id))
    summed = sums(points_given(Scope(here))).subquery()
    return {row.person_id: row.points for row in session.execute(listed_in(summed))}


def recount(session, campaign, own=None):
    """The points of everyone, counted in Python from all the rows there are. `own`: as this person alone reads theirs,
    with the ideas that they sent without their name.
    """
    worth = point_values(session, campaign)
    ideas = session.scalars(select(Idea).where(Idea.campaign_id == campaign.id)).all()
    readable = {idea.id: idea for idea in ideas if idea.is_readable}
    kept = {idea.id: idea.merged_into_id or idea.id for idea in readable.values()}
    authors = {(kept[idea.id], idea.author_id) for idea in readable.values() if idea.author_id}
    if own is not None:
        sent = set(session.scalars(select(AnonymousAuthor.idea_id).where(AnonymousAuthor.person_id == own.id)))
        authors |= {(kept[number], own.id) for number in sent & readable.keys()}
    joined = {
        (kept[one.idea_id], one.person_id)
        for one in session.scalars(select(CoAuthor).where(CoAuthor.state == CoAuthorState.ACCEPTED))
        if one.idea_id in readable
    }
    supports = (
        {
            (kept[vote.idea_id], vote.person_id)
            for vote in session.scalars(select(Vote))
            if vote.idea_id in readable and readable[kept[vote.idea_id]].is_public
        }
        - authors
        - joined
    )
    adopting = {
        decision.theme_id
        for decision in session.scalars(select(Decision))
        if decision.published_at and decision.status in ADOPTING and decision.theme.retired_at is None
    }
    placed = {one.idea_id: one.theme_id for one in session.scalars(select(Placement)) if one.theme_id}
    adopted = {idea_id for idea_id, theme_id in placed.items() if theme_id in adopting}
    adopted |= {
        one.idea_id
        for one in session.scalars(select(Passage))
        if one.theme_id in adopting and one.idea_id in placed and one.version == session.get(Idea, one.idea_id).version
    }
    found = Counter()
    for idea_id, author in authors:
        found[author] += worth[PointAct.IDEA] + worth[PointAct.ADOPTED] * (idea_id in adopted)
        found[author] += worth[PointAct.SUPPORT_RECEIVED] * sum(idea_id == supported for supported, _by in supports)
    for _idea, person in supports:
        found[person] += worth[PointAct.SUPPORT_GIVEN]
    replies = {}
    for comment in session.scalars(select(Comment)):
        replies.setdefault(comment.reply_to_id, []).append(comment)
    for comment in session.scalars(select(Comment)):
        if comment.idea_id in readable and comment.withdrawn_at is None and comment.withheld is None:
            found[comment.author_id] += worth[PointAct.COMMENT]
            if comment.is_question and any(one.by_team and one.is_shown for one in replies.get(comment.id, ())):
                found[comment.author_id] += worth[PointAct.QUESTION_ANSWERED]
    roles = select(TeamMember.person_id).where(
        TeamMember.campaign_id == campaign.id, TeamMember.role != Role.PARTICIPANT
    )
    for person in [campaign.owner_id, *session.scalars(roles)]:
        found.pop(person, None)
    return dict(found)


@dataclass
class Story:
    """A campaign through acts of three people and its owner, in any order; what a rule refuses is not done."""

    session: Any
    campaign: Campaign
    people: list[Any]
    now: datetime

    def take(self, act, one, two):
        self.now += timedelta(minutes=1)
        try:
            getattr(self, f"_{act}")(one, two)
            self.session.commit()
        except DomainError:
            self.session.rollback()

    def _some(self, model, place):
        rows = self.session.scalars(select(model).order_by(*model.__table__.primary_key.columns)).all()
        if not rows:
            raise DomainError
        return rows[place % len(rows)]

    def _by(self, place):
        return {"by": self.people[place % len(self.people)], "now": self.now}

    def _submit(self, one, two):
        author = self.people[one % len(self.people)]
        facts = {"author": author, "title": "", "body": f"Idea {one} {two}. {PART}", "now": self.now}
        submit_idea(self.session, self.campaign, **facts)

    def _unsigned(self, one, two):
        author = self.people[one % len(self.people)]
        facts = {"author": author, "title": "", "body": f"Unsigned {two}. {PART}", "now": self.now}
        submit_idea(self.session, self.campaign, is_anonymous=True, **facts)

    def _writer(self, idea):
        hidden = idea.anonymous_author
        return self.session.get_one(Person, hidden.person_id) if hidden else idea.author or self.people[0]

    def _withdraw(self, one, _two):
        idea = self._some(Idea, one)
        withdraw_idea(self.session, idea, by=self._writer(idea), now=self.now)

    def _restore(self, one, _two):
        idea = self._some(Idea, one)
        restore_idea(self.session, idea, by=self._writer(idea), now=self.now)

    def _invite(self, one, two):
        idea, person = self._some(Idea, one), self._by(two)["by"]
        invite_co_author(self.session, idea, named=person.email, by=self._writer(idea), now=self.now)
        accept_invitation(self.session, idea, by=person, now=self.now)

    def _leave(self, one, _two):
        joined = self._some(CoAuthor, one)
        leave_idea(self.session, self.session.get_one(Idea, joined.idea_id), by=joined.person, now=self.now)

    def _comment(self, one, two):
        by = self._by(two)
        add_comment(self.session, self._some(Idea, one), author=by["by"], body=f"{one} {two}", now=self.now)

    def _uncomment(self, one, _two):
        comment = self._some(Comment, one)
        withdraw_comment(self.session, comment, by=comment.author, now=self.now)

    def _ask(self, one, two):
        idea, author = self._some(Idea, one), self._by(two)["by"]
        add_comment(self.session, idea, author=author, body=f"{one}?", is_question=True, now=self.now)

    def _answer(self, one, two):
        comment = self._some(Comment, one)
        facts = {"author": self.campaign.owner, "body": f"Answer {two}", "now": self.now}
        add_comment(self.session, comment.idea, reply_to=comment, **facts)

    def _support(self, one, two):
        cast_vote(self.session, self._some(Idea, one), **self._by(two))

    def _unsupport(self, one, two):
        withdraw_vote(self.session, self._some(Idea, one), **self._by(two))

    def _merge(self, one, two):
        idea, into = self._some(Idea, one), self._some(Idea, two)
        merge_ideas(self.session, idea, into=into, by=self.campaign.owner, reason="The same.", now=self.now)

    def _separate(self, one, _two):
        merges = [merge for idea in self.session.scalars(select(Idea)) if (merge := merge_of(self.session, idea.id))]
        if merges:
            separate(self.session, merges[one % len(merges)], by=self.campaign.owner, now=self.now, reason="Not so.")

    def _review(self, one, two):
        row = self._some(Comment if two % 2 else Idea, one)
        return review_for(self.session, self.campaign, row, by=self.campaign.owner, now=self.now)

    def _hide(self, one, two):
        hide(self.session, self._review(one, two), reason=Reason.INSULT, by=self.campaign.owner, now=self.now)

    def _show(self, one, two):
        restore(self.session, self._review(one, two), by=self.campaign.owner, now=self.now)

    def _place(self, one, two):
        idea, theme = self._some(Idea, one), self._some(Theme, two)
        self.session.merge(Placement(idea_id=idea.id, campaign_id=self.campaign.id, theme_id=theme.id, leftover=None))

    def _passage(self, one, two):
        """What a run finds of an idea that asks for two things."""
        idea, theme = self._some(Idea, one), self._some(Theme, two)
        self.session.merge(
            Passage(idea_id=idea.id, theme_id=theme.id, start=0, end=4, version=idea.version - two % 2, strength=0.5)
        )

    def _edit(self):
        return {"by": self.campaign.owner, "now": self.now, "reason": "Clearer."}

    def _move(self, one, two):
        to = self._some(Theme, two) if two else None
        move_ideas(self.session, self.campaign, idea_ids=[self._some(Idea, one).id], to=to, **self._edit())

    def _merge_themes(self, one, two):
        merge_themes(self.session, self._some(Theme, one), others=[self._some(Theme, two)], **self._edit())

    def _split_theme(self, one, two):
        theme = self._some(Theme, one)
        ids = self.session.scalars(select(Placement.idea_id).where(Placement.theme_id == theme.id)).all()
        split_theme(self.session, theme, idea_ids=ids[: 1 + two % 2], name=f"Part {two}", **self._edit())

    def _undo_edit(self, one, _two):
        undo_edit(self.session, self._some(ThemeEdit, one), **self._edit())

    def _split(self, one, _two):
        split_idea(self.session, self._some(Idea, one), part=PART, **self._edit())

    def _join_again(self, _one, _two):
        parts = self.session.scalars(select(Idea).where(Idea.split_from_id.is_not(None)).order_by(Idea.id)).all()
        if parts:
            undo_split(self.session, parts[-1], by=self.campaign.owner, now=self.now)

    def _import(self, one, two):
        facts = {"by": self.campaign.owner, "filename": f"{self.now}.csv", "content": b"text\nx", "preview": {}}
        upload = keep_upload(self.session, self.campaign, now=self.now, **facts)
        start_import(self.session, self.campaign, upload, {"text": 0, "same_id": "skip"}, now=self.now)
        rows = [ImportRow(line=line, body=f"Imported {one} {two} {line}", key=f"{one} {line}") for line in (2, 3)]
        import_chunk(self.session, self.campaign, upload.id, list(prepare(rows)), done=0, now=self.now)
        finish_import(self.session, upload, now=self.now)

    def _undo_import(self, one, _two):
        facts = {"by": self.campaign.owner, "reason": "The wrong file.", "now": self.now}
        undo_import(self.session, self.campaign, self._some(IdeaImport, one), **facts)

    def _restore_import(self, one, _two):
        facts = {"by": self.campaign.owner, "now": self.now}
        restore_import(self.session, self.campaign, self._some(IdeaImport, one), **facts)

    def _decide(self, one, two):
        decision = self._some(Decision, one)
        decision.status = list(DecisionStatus)[two % 6]
        decision.theme.retired_at = self.now if two == 9 else None

    def _publish(self, _one, _two):
        publish_answers(self.session, self.campaign, by=self.campaign.owner, now=self.now)

    def _claim(self, one, two):
        """An imported idea, and somebody who turns out to have written one."""
        facts = {"created_at": self.now, "updated_at": self.now, "submitted_at": self.now}
        if two % 2:
            self.session.add(Idea(campaign=self.campaign, body="Imported", **facts))
        elif (idea := self._some(Idea, one)).author_id is None and not idea.is_anonymous:
            idea.author = self.people[two % len(self.people)]

    def _join(self, one, _two):
        member = TeamMember(campaign_id=self.campaign.id, person_id=self.people[2].id, role=Role.MODERATOR, version=1)
        if one > 7:
            self.session.merge(member) if self.session.scalar(select(TeamMember.id)) is None else None

    def _erase(self, one, two):
        if one > 6:
            contents = Contents.DELETE if two % 2 else Contents.ANONYMISE
            person = self.people[one % len(self.people)]
            erasure = ask_to_erase(self.session, person, contents=contents, by=person, now=self.now)
            self.session.commit()
            erase(self.session, erasure, words=Words(name="Former member", text="Erased."), now=self.now)

    def _worth(self, one, two):
        values = {list(PointAct)[one % len(PointAct)]: two}
        facts = {"by": self.campaign.owner, "now": self.now, "change_reason": "Fairer."}
        set_motivation(self.session, self.campaign, values=values, has_standings=True, **facts)


@pytest.fixture
def cast(session, campaign, make_person, make_theme, give_answer):
    """The ids of an open campaign with two answered themes, and of three who take part."""
    people = [make_person(name) for name in ("Dora", "Eli", "Fred")]
    campaign.allows_anonymous = True
    for name in ("Buses", "Bicycles"):
        give_answer(make_theme(campaign, name, author=people[0]))
    return campaign.id, [person.id for person in people]


@hurried(8)
@given(steps=steps_of(ACTS, least=24, most=36))
def test_points_are_what_a_plain_recount_gives_after_any_story(connection, cast, now, steps):
    def some(points):
        return {person_id: number for person_id, number in points.items() if number}

    with undone(connection), Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        campaign = session.get_one(Campaign, cast[0])
        people = [session.get_one(Person, number) for number in cast[1]]
        story = Story(session, campaign, people, now)
        for place, step in enumerate(steps, start=1):
            story.take(*step)
            if place % 8 == 0 or place == len(steps):
                session.expire_all()
                found = some(recount(session, campaign))
                assert some(points_in(session, campaign)) == found, steps[:place]
                unlisted = set(session.scalars(select(Person.id).where(Person.erased_at.is_not(None))))
                listed = {person_id: points for person_id, points in found.items() if person_id not in unlisted}
                assert sums_in(session, campaign) == listed, steps[:place]
        for person in people:
            own = sum(account.points for account in points_of(session, person))
            assert own == recount(session, campaign, own=person).get(person.id, 0)


def test_support_of_a_merged_idea_counts_unless_an_author_or_co_author_gives_it(
    session, campaign, alice, bob, charlie, make_person, make_ideas, now
):
    dora = make_person("Dora")
    [kept, part] = [make_ideas(campaign, author, [{"body": f"By {author.name}"}])[0] for author in (bob, charlie)]
    invite_co_author(session, part, named=dora.email, by=charlie, now=now)
    accept_invitation(session, part, by=dora, now=now)
    session.flush()
    merge_ideas(session, part, into=kept, by=alice, reason="The same.", now=now)
    session.flush()
    eve = make_person("Eve")
    cast_vote(session, kept, by=eve, now=now)
    session.add(Vote(idea_id=kept.id, person_id=dora.id, created_at=now))  # from before she was an author
    session.commit()
    found = points_in(session, campaign)
    assert (found[eve.id], found.get(dora.id)) == (DEFAULTS[PointAct.SUPPORT_GIVEN], None)
    assert found == recount(session, campaign)


def test_each_act_gives_its_points_and_the_person_reads_them_line_by_line(
    session,
    campaign,
    make_campaign,
    make_idea,
    make_person,
    make_theme,
    give_answer,
    charlie,
    alice,
    count_queries,
    now,
):
    dora, other = make_person("Dora"), make_campaign(title="Elsewhere")
    idea = make_idea(campaign, charlie, "More buses")
    add_comment(session, idea, author=dora, body="Yes.", now=now)
    add_comment(session, idea, author=alice, body="Asked by the team.", now=now)
    question = add_comment(session, idea, author=dora, body="When?", is_question=True, now=now)
    cast_vote(session, idea, by=dora, now=now)
    cast_vote(session, make_idea(other, dora, "A bench"), by=charlie, now=now)
    give_answer(make_theme(campaign, ideas=[idea]))
    session.commit()

    def lines(person):
        return [
            (account.campaign.title, line.act, line.number, line.points)
            for account in points_of(session, person)
            for line in account.lines
        ]

    assert lines(dora) == [
        ("Elsewhere", PointAct.IDEA, 1, 10),
        ("Elsewhere", PointAct.SUPPORT_RECEIVED, 1, 2),
        (campaign.title, PointAct.COMMENT, 2, 4),
        (campaign.title, PointAct.SUPPORT_GIVEN, 1, 1),
    ]
    answers = [add_comment(session, idea, author=alice, body=f"Soon {n}.", reply_to=question, now=now) for n in (1, 2)]
    answered = (campaign.title, PointAct.QUESTION_ANSWERED, 1, 5)
    assert answered in lines(dora)
    assert Badge.COMMENTS in {one.badge for one in badges_of(session, [dora.id])[dora.id]}  # no badge for an answer
    for answer in answers:
        withdraw_comment(session, answer, by=alice, now=now)
    assert answered not in lines(dora)
    here = [(PointAct.IDEA, 1, 10), (PointAct.SUPPORT_RECEIVED, 1, 2)]
    assert [line[1:] for line in lines(charlie) if line[0] == campaign.title] == here
    assert lines(alice) == []  # the team asks, it does not take part
    publish_answers(session, campaign, by=alice, now=now)
    assert (campaign.title, PointAct.ADOPTED, 1, 30) in lines(charlie)
    assert count_queries(lambda: points_of(session, charlie)) == 3


def test_whoever_manages_says_what_acts_give_and_says_why_once_the_campaign_is_announced(
    session, campaign, draft_campaign, make_campaign, alice, now
):
    facts = {"by": alice, "now": now, "has_standings": True}
    set_motivation(session, draft_campaign, values={PointAct.IDEA: 5}, **facts, seen=1)
    assert point_values(session, draft_campaign) == {**DEFAULTS, PointAct.IDEA: 5}
    assert point_values(session, campaign) == DEFAULTS
    copy_motivation(session, draft_campaign, to=(copy := make_campaign(announced_at=None)))
    assert point_values(session, copy) == point_values(session, draft_campaign)
    with pytest.raises(ChangedMeanwhile):
        set_motivation(session, draft_campaign, values={PointAct.IDEA: 6}, **facts, seen=1)
    for points in (-1, 1_001):
        with pytest.raises(PointsOutOfRange):
            set_motivation(session, draft_campaign, values={PointAct.IDEA: points}, **facts)
    with pytest.raises(PointsReasonNeeded):
        set_motivation(session, campaign, values={PointAct.COMMENT: 3}, **facts)
    set_motivation(session, campaign, values=DEFAULTS, **facts)  # nothing changes: nothing is asked or recorded
    set_motivation(session, campaign, values={PointAct.COMMENT: 3}, **facts, change_reason="Comments help.")
    session.commit()
    logged = session.scalars(select(Activity).where(Activity.campaign_id == campaign.id)).all()[-1]
    assert (logged.reason, logged.before["comment"], logged.after["comment"]) == ("Comments help.", 2, 3)
