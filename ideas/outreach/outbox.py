"""What goes out once a debrief is published: who is told, why, and ten of them who differ. Nothing is written.

Whom it concerns is asked of `recipients`, for the act as it will be recorded. Nobody learns here who wrote an anonymous
idea. Why a person is listed, and what is shown of their message, is found as if anonymous ideas had no author: a
follower who wrote one is listed as a follower. Who is told for such an idea alone is counted, and not named. Authors of
imported ideas have no account: they are listed by their first idea, and nobody reads their address.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from clustering.types import RESIDUE
from ideas.accounts.undeliverable import unreached
from ideas.activity.activity import Activity, Verb
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.decision import decisions_in
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.authors.people import people_of
from ideas.contributions.claim import authors_to_tell, unclaimed
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.contributions.vote import Reaction, Vote
from ideas.outreach.contest import voters
from ideas.outreach.limits.budget import NOBODY_LATER, Later, without_budget
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import without_mail
from ideas.outreach.recipients.recipient import told_by_kind
from ideas.outreach.talk import followers_of_campaign
from ideas.page import Page, page_at
from ideas.people.person import Person
from ideas.themes.passage import counted
from ideas.themes.placement import Placement

MAX_DRAWN = 10
MAX_FOUND = 20


class Why(StrEnum):
    """The first of these that a person did is why they are told."""

    WROTE = "wrote"
    CO_WROTE = "co_wrote"
    COMMENTED = "commented"
    SUPPORTED = "supported"
    VOTED = "voted"
    FOLLOWS = "follows"


# Told of their own ideas: they get their mail whatever their budget.
ABOUT_OWN = frozenset({Why.WROTE, Why.CO_WROTE})


class Trait(StrEnum):
    """What makes a person's message unlike that of others. They are drawn in this order."""

    ANSWERED = "answered"
    SEVERAL_ASKS = "several_asks"
    NO_THEME = "no_theme"
    NO_PROPOSAL = "no_proposal"
    UNANSWERED = "unanswered"
    MERGED = "merged"
    IMPORTED = "imported"
    WITHOUT_ACCOUNT = "without_account"
    CO_WROTE = "co_wrote"
    OTHER_LANGUAGE = "other_language"
    COMMENTED = "commented"
    SUPPORTED = "supported"
    SEVERAL_IDEAS = "several_ideas"
    FOLLOWS = "follows"
    NO_MAIL = "no_mail"
    OTHER_THEME = "other_theme"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told. `by_mail`: also by mail; `traits`: what their message has that others have not.

    `imported_id`: the first idea of an author without an account; their `name` is what it says, and their `id` is 0.
    """

    id: int
    name: str
    why: Why
    kind: NoticeKind
    by_mail: bool
    traits: frozenset[Trait] = frozenset()
    theme_id: int | None = None
    imported_id: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.id, self.imported_id or 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One of those who are drawn, and the trait for which they are."""

    recipient: Recipient
    trait: Trait


@dataclass(frozen=True, slots=True)
class Outbox:
    """Who is told: `recipients` by name. `unnamed`: how many more, who wrote anonymous ideas and did nothing else;
    `unclaimed`: the imported ideas whose authors have an address in the file and no account, and are not told;
    `imported`: those of them who are told by mail, because whoever imported them said that they agreed.
    """

    recipients: Sequence[Recipient]
    unnamed: int
    unclaimed: int
    drawn: Sequence[Drawn] = ()
    # How many get no mail of their own because they have no budget left, and until when.
    later: Later = NOBODY_LATER
    imported: Sequence[Recipient] = ()

    @property
    def agreed(self) -> int:
        return len(self.imported)

    @property
    def everyone(self) -> Sequence[Recipient]:
        """Those with an account by name, then those without one."""
        return [*self.recipients, *self.imported]

    @property
    def total(self) -> int:
        return len(self.everyone) + self.unnamed

    @property
    def by_reason(self) -> dict[Why, int]:
        """How many are told for each reason, in the order of Why, without zeros."""
        counts = {why: sum(one.why is why for one in self.recipients) for why in Why}
        return {why: count for why, count in counts.items() if count}

    @property
    def without_mail(self) -> int:
        """How many have switched these mails off: they are told on the site alone."""
        return sum(not one.by_mail for one in self.recipients)

    def one(self, person_id: int) -> Recipient | None:
        return next((one for one in self.recipients if one.id == person_id), None)

    def author_of(self, idea_id: int) -> Recipient | None:
        """The author without an account whose first imported idea this is."""
        return next((one for one in self.imported if one.imported_id == idea_id), None)

    def named(self, words: str) -> list[Recipient]:
        """Those with these words in their name, or in their first idea if they have no account, MAX_FOUND at most."""
        wanted = words.casefold().split()
        found = [one for one in self.everyone if all(word in one.name.casefold() for word in wanted)]
        return found[:MAX_FOUND] if wanted else []


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientPage(Page):
    recipients: Sequence[Recipient]


def page_of(outbox: Outbox, *, number: int, size: int = 50) -> RecipientPage:
    """A page of the list of recipients, by name; then those without an account."""
    page = page_at(number, size=size, total=len(outbox.everyone))
    start = (page.number - 1) * size
    return RecipientPage(recipients=outbox.everyone[start : start + size], **asdict(page))


def publication(campaign: Campaign, *, by: Person, now: datetime) -> Activity:
    """The act of publishing the campaign's debrief, as it would be recorded now. It is in no session."""
    return Activity(
        id=0, at=now, actor_id=by.id, verb=Verb.PUBLISHED, object_kind=Debrief.__tablename__, object_id=campaign.id,
        campaign_id=campaign.id, reason="",
    )  # fmt: skip


def outbox_of(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Outbox:
    """Who would be told if `by` published the debrief now. Whoever may publish it may know.

    A number of queries that depends on how many hundreds of people there are.
    """
    act = publication(campaign, by=by, now=now)
    told = told_by_kind(session, act)
    facts = _facts(session, campaign)
    took_part = told[NoticeKind.DEBRIEF_PUBLISHED]
    named = {person_id: why for person_id in took_part if (why := facts.why(person_id)) is not None}
    unsigned = set(took_part) - set(named)
    hidden_followers = unsigned.intersection(followers_of_campaign(session, act))
    followers = sorted(hidden_followers.union(told[NoticeKind.FOLLOWED_CAMPAIGN]))
    listed = {
        NoticeKind.DEBRIEF_PUBLISHED: named,
        NoticeKind.FOLLOWED_CAMPAIGN: dict.fromkeys(followers, Why.FOLLOWS),
    }
    people: list[Recipient] = []
    over: dict[int, datetime | None] = {}
    for kind, reasons in listed.items():
        ids = list(reasons)
        known = _people(session, ids)
        for some in chunks(ids):
            silent = without_mail(session, kind, some) | unreached(session, some)
            # As if anonymous ideas had no author: the count says nothing about who wrote one.
            limited = [one for one in some if one not in silent and reasons[one] not in ABOUT_OWN]
            over |= without_budget(session, limited, now=now)
            for person_id in some:
                name, locale = known[person_id]
                made = Recipient(person_id, name, reasons[person_id], kind, by_mail=person_id not in silent)
                people.append(_with_traits(made, facts, locale))
    ordered = sorted(people, key=lambda one: (one.name.casefold(), one.id))
    unnamed = len(unsigned) - len(hidden_followers)
    imported = _imported(session, campaign, facts)
    return Outbox(
        ordered,
        unnamed,
        unclaimed(session, campaign).silent,
        draw([*ordered, *imported]),
        Later.of(over.values()),
        imported=imported,
    )


def _imported(session: Session, campaign: Campaign, facts: "_Facts") -> list[Recipient]:
    """The authors of imported ideas without an account who agreed to be told, in the order of their first ideas."""
    first = sorted(authors_to_tell(session, campaign.id).values())
    texts: dict[int, str] = {}
    for some in chunks(first):
        texts.update((idea.id, idea.text) for idea in session.scalars(select(Idea).where(Idea.id.in_(some))))
    return [
        Recipient(
            0, texts[number], Why.WROTE, NoticeKind.DEBRIEF_PUBLISHED,
            by_mail=True, traits=frozenset({Trait.WITHOUT_ACCOUNT}),
            theme_id=facts.main.get(number, (None, False))[0], imported_id=number,
        )
        for number in first
    ]  # fmt: skip


def draw(recipients: Collection[Recipient], most: int = MAX_DRAWN) -> list[Drawn]:
    """Some of these people, as different as can be: one for each trait, then one for each other theme.

    The same people give the same draw, so that a page that is read again shows the same.
    """
    drawn: list[Drawn] = []
    taken: set[tuple[int, int]] = set()
    themes: set[int | None] = {None}
    # Who has few traits shows one of them better than somebody who has many.
    ordered = sorted(recipients, key=lambda one: (len(one.traits), one.key))

    def take(one: Recipient, trait: Trait) -> None:
        drawn.append(Drawn(one, trait))
        taken.add(one.key)
        themes.add(one.theme_id)

    for trait in Trait:
        found = next((one for one in ordered if trait in one.traits and one.key not in taken), None)
        if found is not None and len(drawn) < most:
            take(found, trait)
    for one in ordered:
        if len(drawn) < most and one.key not in taken and one.theme_id not in themes:
            take(one, Trait.OTHER_THEME)
    return drawn


class _IdeaFacts(NamedTuple):
    """What is known of an idea for the traits of its authors."""

    theme_id: int | None
    several: bool
    merged: bool
    imported: bool
    proposes: bool


@dataclass(slots=True)
class _Facts:
    """Who did what in the campaign, without the authors of anonymous ideas."""

    language: str
    main: dict[int, tuple[int | None, bool]]
    wrote: dict[int, list[_IdeaFacts]]
    co_wrote: dict[int, list[_IdeaFacts]]
    commented: frozenset[int]
    responded: frozenset[int]
    voted: frozenset[int]
    answered: frozenset[int]

    def why(self, person_id: int) -> Why | None:
        for why, those in (
            (Why.WROTE, self.wrote),
            (Why.CO_WROTE, self.co_wrote),
            (Why.COMMENTED, self.commented),
            (Why.SUPPORTED, self.responded),
            (Why.VOTED, self.voted),
        ):
            if person_id in those:
                return why
        return None


def _facts(session: Session, campaign: Campaign) -> _Facts:
    here = (Idea.campaign_id == campaign.id) & is_readable()
    pairs = counted(campaign_id=campaign.id)
    main: dict[int, tuple[int | None, bool]] = {}
    for idea_id, theme_id, is_main, several, _strength in session.execute(pairs):
        if is_main:
            main[idea_id] = (theme_id, bool(several))
    residue = select(Placement.idea_id).where(
        Placement.campaign_id == campaign.id, Placement.leftover.in_(sorted(RESIDUE))
    )
    no_proposals = frozenset(session.scalars(residue))
    columns = (Idea.id, Idea.merged_into_id, Idea.import_id, Idea.author_id)
    wrote: dict[int, list[_IdeaFacts]] = {}
    co_wrote: dict[int, list[_IdeaFacts]] = {}
    for idea_id, merged_into_id, import_id, author_id, person_id in session.execute(
        people_of(here, *columns, named=True)
    ):
        theme_id, several = main.get(merged_into_id or idea_id, (None, False))
        proposes = (merged_into_id or idea_id) not in no_proposals
        facts = _IdeaFacts(theme_id, several, merged_into_id is not None, import_id is not None, proposes)
        (wrote if author_id == person_id else co_wrote).setdefault(person_id, []).append(facts)
    decisions = decisions_in(session, campaign)
    return _Facts(
        language=campaign.owner.locale[:2],
        main=main,
        wrote=wrote,
        co_wrote=co_wrote,
        commented=_who(session, Comment, Comment.author_id, here & is_shown()),
        responded=_who(session, Vote, Vote.person_id, here) | _who(session, Reaction, Reaction.person_id, here),
        voted=frozenset(voters(session, campaign.id)),
        answered=frozenset(theme_id for theme_id, decision in decisions.items() if decision.is_answer),
    )


def _who(
    session: Session, model: type[Comment | Vote | Reaction], person_id: Any, where: ColumnElement[bool]
) -> frozenset[int]:
    on_idea = exists().where(and_(Idea.id == model.idea_id, where)).correlate(model)
    return frozenset(session.scalars(select(person_id).where(on_idea).distinct()))


def _people(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for some in chunks(ids):
        rows = session.execute(select(Person.id, Person.name, Person.locale).where(Person.id.in_(some)))
        found.update((person_id, (name, locale)) for person_id, name, locale in rows)
    return found


def _with_traits(made: Recipient, facts: _Facts, locale: str) -> Recipient:
    ideas = [*facts.wrote.get(made.id, ()), *facts.co_wrote.get(made.id, ())]
    themes = [idea.theme_id for idea in ideas if idea.theme_id is not None]
    has = {
        Trait.ANSWERED: any(theme_id in facts.answered for theme_id in themes),
        Trait.SEVERAL_ASKS: any(idea.several for idea in ideas),
        Trait.NO_THEME: any(idea.theme_id is None and idea.proposes for idea in ideas),
        Trait.NO_PROPOSAL: any(not idea.proposes for idea in ideas),
        Trait.UNANSWERED: any(theme_id not in facts.answered for theme_id in themes),
        Trait.MERGED: any(idea.merged for idea in ideas),
        Trait.IMPORTED: any(idea.imported for idea in ideas),
        Trait.CO_WROTE: made.id in facts.co_wrote,
        Trait.OTHER_LANGUAGE: locale[:2] != facts.language,
        Trait.COMMENTED: made.why is Why.COMMENTED,
        Trait.SUPPORTED: made.why is Why.SUPPORTED,
        Trait.SEVERAL_IDEAS: len(ideas) > 1,
        Trait.FOLLOWS: made.why is Why.FOLLOWS,
        Trait.NO_MAIL: not made.by_mail,
    }
    traits = frozenset(trait for trait, holds in has.items() if holds)
    return Recipient(made.id, made.name, made.why, made.kind, made.by_mail, traits, themes[0] if themes else None)
