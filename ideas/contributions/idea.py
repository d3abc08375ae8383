"""Ideas: submitted, revised, withdrawn, read. How one is written is in `draft`."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    false,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, object_session, relationship

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import check_unchanged, keep_version
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.form_field import fields_of
from ideas.campaigns.people.team import Act, campaign_seen_by, campaign_visible_to, in_team_of, may, role_of
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.authors.writer import is_author_of, wrote
from ideas.contributions.fields.value import Values, checked_values, filled, places_in, store_values, values_of
from ideas.contributions.files.change import FileChanges, change_files, plan_files
from ideas.contributions.files.idea_file import ever_had_files, files_of
from ideas.contributions.merged import take_out
from ideas.contributions.withheld import ObjectKind, Withheld, hold_if_needed
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import MAX_NAME_LENGTH, Person
from ideas.personal_data.personal_data import check_personal_data
from ideas.search import Found, Match, Query, Searchable, search
from ideas.text import clean_line, optional, required
from ideas.work.job import JobKind, enqueue

MAX_TITLE_LENGTH = 120
MAX_BODY_LENGTH = 5_000
MAX_KEY_LENGTH = 80
MAX_QUESTION_LENGTH = 200


class CampaignClosed(DomainError):
    message = message_id("This campaign is closed to new ideas. Your text is saved as a draft.")


class CampaignNotOpen(DomainError):
    message = message_id("This campaign is not open yet. Your text is saved as a draft.")


class IdeaFixed(DomainError):
    message = message_id("You can only change an idea while the campaign is open.")


class IdeaFixedInPhase(IdeaFixed):
    message = message_id(
        "This phase of the campaign takes no ideas, so you can’t change yours now. You can withdraw it."
    )


class IdeaDebriefed(IdeaFixed):
    message = message_id("The debrief is published. You can no longer correct this idea.")


class IdeaMerged(IdeaFixed):
    message = message_id(
        "Your idea is merged into another one, so you can’t edit it. Ask the campaign team to separate them."
    )


class IdeaPutBack(IdeaFixed):
    message = message_id("The text of this idea is a part of idea %(number)s again, so it can’t be published alone.")


class IdeaWithheld(NotAllowed):
    message = message_id("A moderator deals with this idea, so you can’t edit it now. Its page says how to go on.")


class Idea(Searchable, Base):
    __tablename__ = "idea"
    searched = ("title", "body")
    __table_args__ = (
        UniqueConstraint("campaign_id", "import_key"),
        UniqueConstraint("author_id", "form_key"),
        Index("ix_idea_campaign_id_submitted_at", "campaign_id", "submitted_at"),
        # Of merged ideas alone: SQLite would look up all others, which have no value, by an index of all.
        Index(
            "ix_idea_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "ix_idea_split_from_id",
            "split_from_id",
            sqlite_where=text("split_from_id IS NOT NULL"),
            postgresql_where=text("split_from_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # Sent without the name of its author: `author_id` is empty then, see ideas.contributions.authors.anonymous. Of a
    # draft, how its author means to send it.
    is_anonymous: Mapped[bool] = mapped_column(default=False, server_default=false())
    # An imported idea may have an author without an account.
    author_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default="")
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    # Of an imported answer: the question of the survey, as its column was named. Not part of the text that is grouped.
    question: Mapped[str] = mapped_column(String(MAX_QUESTION_LENGTH), default="", server_default=text("''"))
    lang: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # By moderation: see ideas.contributions.withheld. `withheld_at`: when that last changed, in either direction.
    withheld: Mapped[Withheld | None] = mapped_column(choice(Withheld))
    withheld_at: Mapped[datetime | None]
    # The idea that it counts in: see ideas.contributions.merged. `merged_at`: when that last changed.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id"))
    merged_at: Mapped[datetime | None]
    # The idea of the same author of which a moderator made it: see ideas.moderation.acts.split.
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id"))
    # How often it was saved since it was submitted: see ideas.activity.version. Of a draft, the number of the form that
    # saved it last: see ideas.contributions.draft.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # Who of the team wrote it for a person without an account: see ideas.contributions.on_behalf.
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # The identifier in the file, or a hash of the text, so that importing twice adds nothing.
    import_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))
    # The import that added it; None for one that a command of an earlier version imported.
    import_id: Mapped[int | None] = mapped_column(ForeignKey("idea_import.id"), index=True)
    # Created with the empty form, so that a double click submits once.
    form_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))

    campaign: Mapped[Campaign] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    written_by: Mapped[Person | None] = relationship(foreign_keys=written_by_id)
    merged_into: Mapped["Idea | None"] = relationship(remote_side="Idea.id", foreign_keys=merged_into_id)
    anonymous_author: Mapped[AnonymousAuthor | None] = relationship(cascade="all, delete-orphan")
    co_authors: Mapped[list[CoAuthor]] = relationship(
        primaryjoin=lambda: (CoAuthor.idea_id == Idea.id) & (CoAuthor.state == CoAuthorState.ACCEPTED), viewonly=True
    )

    @property
    def text(self) -> str:
        return one_text(self.title, self.body)

    @property
    def is_readable(self) -> bool:
        """True for an idea that everyone may read, also as part of the one that it is merged into."""
        return self.submitted_at is not None and self.withdrawn_at is None and self.withheld is None

    @property
    def is_public(self) -> bool:
        """True for an idea that counts: see `is_submitted`."""
        return self.is_readable and self.merged_into_id is None

    @property
    def is_unclaimed(self) -> bool:
        """True for an idea that was imported, or written by the team for another person, and that nobody claimed."""
        return self.author_id is None and not self.is_anonymous and self.submitted_at is not None

    @property
    def kept(self) -> "Idea":
        """The idea that counts for this one: the one that it is merged into, or itself."""
        return self.merged_into or self


def is_author(idea: Idea, person: Person | None) -> bool:
    """True for the author of the idea, named or anonymous: see `is_author_of`. One query, of an anonymous one alone."""
    if person is None:
        return False
    hidden = idea.anonymous_author if idea.is_anonymous else None
    return idea.author_id == person.id or (hidden is not None and hidden.person_id == person.id)


def actor(idea: Idea, by: Person) -> Person | None:
    """Whom the log and the versions name for what an author did: nobody where the idea is anonymous."""
    return None if idea.is_anonymous else by


def record_own(session: Session, verb: Verb, idea: Idea, *, by: Person, now: datetime) -> None:
    """Record what an author did to their idea: see `actor`."""
    after = {"is_anonymous": True} if idea.is_anonymous else None
    record(session, verb, idea, by=actor(idea, by), campaign_id=idea.campaign_id, after=after, now=now)


def is_by(idea: Idea, person: Person | None) -> bool:
    """True for the author of the idea and for its co-authors: see `wrote`. One query, once for each idea."""
    if person is None:
        return False
    return is_author(idea, person) or any(one.person_id == person.id for one in idea.co_authors)


def one_text(title: str, body: str) -> str:
    """Title and body as one text, as it is grouped."""
    return f"{title}. {body}" if title and body else title or body


def ask_for_places(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Queue the placing of new or changed ideas, if the campaign has been grouped."""
    if campaign.grouped_at is not None:
        enqueue(session, JobKind.PLACE_IDEAS, campaign_id=campaign.id, now=now)


def bound_key(key: str | None, *, use: str, place: int) -> str | None:
    """The key of a form as it is stored: bound to what it is used for and to the row where the thing is added.

    A key that a browser sends again somewhere else is another key there. None without a key.
    """
    return hashlib.sha256(f"{use} {place} {key}".encode()).hexdigest() if key else None


def may_edit(idea: Idea, person: Person | None) -> bool:
    """True for who wrote the idea: see `is_by`. And for whoever manages the campaign, of an idea that was imported or
    that the team wrote for another person, until that person claims it. Two queries at most.
    """
    if is_by(idea, person):
        return True
    session = object_session(idea)
    if person is None or session is None or not idea.is_unclaimed:
        return False
    return may(role_of(session, idea.campaign, person), Act.MANAGE, is_admin=person.is_admin)


def check_may_change(idea: Idea, *, by: Person, now: datetime, writes: bool = False) -> None:
    """Only who may edit it may change a submitted idea, while its campaign is open; the team, until the debrief.

    `writes`: the text, or to publish it again, which the phase of the campaign has to take.
    Raises NotAllowed, IdeaFixed, IdeaDebriefed.
    """
    if not may_edit(idea, by) or idea.submitted_at is None:
        raise NotAllowed
    if idea.is_unclaimed and not is_by(idea, by):
        if idea.campaign.debriefed_at is not None:
            raise IdeaDebriefed
    elif not idea.campaign.is_open(now):
        raise IdeaFixed
    elif writes and not idea.campaign.takes(PhaseAct.WRITE, now):
        raise IdeaFixedInPhase


def revise_idea(
    session: Session,
    idea: Idea,
    *,
    by: Person,
    title: str,
    body: str,
    now: datetime,
    kept: str = "",
    lang: str | None = None,
    values: Values | None = None,
    files: FileChanges | None = None,
    seen: int | None = None,
    is_trusted: bool = False,
) -> None:
    """Change a submitted idea. Whoever may edit it may: see `may_edit`, and until when: see `check_may_change`.

    The earlier text stays readable. The new text may have to wait for a moderator: the caller looks at `withheld`.
    `kept`: the personal data that the author keeps knowingly: see `check_personal_data`. `lang`: the language of the
    new text, where it is known. `values`: what the fields of the form have now; None changes none of them. `files`:
    what changes in the files; what is taken off is gone, and the earlier texts name it.
    `seen`: the version that `by` saw; None where they saw it in this transaction. `is_trusted`: see `hold_if_needed`.
    Raises NotAllowed, IdeaFixed, IdeaMerged, IdeaWithheld, EmptyText, TooLong, FieldRefused, ChangedMeanwhile,
    PersonalDataFound or LimitReached.
    """
    hold_to_change(session, idea, by=by, now=now, writes=True)
    if idea.withheld is not None:
        raise IdeaWithheld
    if idea.merged_into_id is not None:
        raise IdeaMerged
    title, body = optional(clean_line(title), max_length=MAX_TITLE_LENGTH), required(body, max_length=MAX_BODY_LENGTH)
    present = values_of(session, idea.id)
    stored: Values = present
    complete = values is not None and answers_for_all_fields(idea, present, by=by)
    if values is not None:
        stored = checked_values(session, idea.campaign, values, present=present, complete=complete)
    plan = plan_files(
        session, idea.campaign, idea.id, files,
        by=by, complete=complete, has_fields=values is not None, is_anonymous=idea.is_anonymous,
        for_other=idea.is_unclaimed,
    )  # fmt: skip
    if (title, body) == (idea.title, idea.body) and stored == present and not plan:
        return
    check_unchanged(idea, seen)
    places = [*places_in(session, idea.campaign, stored), *plan.texts]
    check_personal_data([title, body, *places], health=idea.campaign.is_health, kept=kept)
    spend(session, LimitedAct.REVISE, by=by, now=now)
    if idea.version == 1:  # the first text is kept only once there is a second
        first = content_of(session, idea)
        keep_version(session, idea, object_id=idea.id, content=first, by=idea.author, now=idea.submitted_at or now)
    if stored != present:
        store_values(session, idea.id, stored)
    change_files(session, idea.campaign, idea.id, plan, now=now)
    idea.title, idea.body, idea.lang = title, body, lang
    idea.updated_at, idea.version = now, idea.version + 1
    content = content_of(session, idea)
    keep_version(session, idea, object_id=idea.id, content=content, by=actor(idea, by), now=now)
    session.flush()
    public = "\n".join([idea.text, *places])
    hold_if_needed(
        session, idea, ObjectKind.IDEA, campaign=idea.campaign, author=by, text=public, now=now, was_public=True,
        is_trusted=is_trusted,
    )  # fmt: skip
    if idea.withheld is None or take_out(session, idea, by=None, now=now):
        ask_for_places(session, idea.campaign, now=now)
    record_own(session, Verb.CHANGED, idea, by=by, now=now)
    session.flush()


def answers_for_all_fields(idea: Idea, present: Values, *, by: Person) -> bool:
    """False for the team that corrects an idea without any value, as an import may add: it does not make one up."""
    return bool(present) or not idea.is_unclaimed or is_by(idea, by)


def content_of(session: Session, idea: Idea) -> dict[str, Any]:
    """What a version keeps of an idea: its text, what is given in the form's fields, and the names of its files."""
    content: dict[str, Any] = {"title": idea.title, "body": idea.body}
    fields = fields_of(session, idea.campaign)
    if fields or ever_had_files(session, idea.id):
        files = files_of(session, [idea.id]).get(idea.id, [])
        content["fields"] = [one.as_json() for one in filled(fields, values_of(session, idea.id), files)]
    return content


def withdraw_idea(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Withdraw an idea while its campaign is open. Only its author may. Raises NotAllowed, IdeaFixed.

    It is taken out of the idea that it is merged into. Ideas that are merged into it stand alone again.
    """
    _hold_as_author(session, idea, by=by, now=now)
    idea.withdrawn_at = now
    if take_out(session, idea, by=actor(idea, by), now=now):
        ask_for_places(session, idea.campaign, now=now)
    record_own(session, Verb.WITHDRAWN, idea, by=by, now=now)
    session.flush()


def restore_idea(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Undo a withdrawal while the campaign is open. Only the author may. Raises NotAllowed, IdeaFixed, IdeaPutBack."""
    _hold_as_author(session, idea, by=by, now=now, writes=True)
    check_not_put_back(session, idea)
    idea.withdrawn_at = None
    ask_for_places(session, idea.campaign, now=now)
    record_own(session, Verb.RESTORED, idea, by=by, now=now)
    session.flush()


def is_put_back(session: Session, idea: Idea) -> bool:
    """True where the idea was split from another one and the split was undone: the other has its text again."""
    if idea.split_from_id is None or idea.withdrawn_at is None:
        return False
    undone = (Activity.object_kind == Idea.__tablename__) & (Activity.object_id == idea.id)
    return session.scalar(select(Activity.id).where(undone, Activity.verb == Verb.UNDONE).limit(1)) is not None


def check_not_put_back(session: Session, idea: Idea) -> None:
    """Before the idea is published again. Raises IdeaPutBack."""
    if is_put_back(session, idea):
        raise IdeaPutBack(number=str(idea.split_from_id))


def _hold_as_author(session: Session, idea: Idea, *, by: Person, now: datetime, writes: bool = False) -> None:
    """As `hold_to_change`, for what co-authors may not do."""
    if not is_author(idea, by):
        raise NotAllowed
    hold_to_change(session, idea, by=by, now=now, writes=writes)


def hold_to_change(session: Session, idea: Idea, *, by: Person, now: datetime, writes: bool = False) -> None:
    """Lock the campaign and the idea until the commit, then check as `check_may_change` does."""
    lock_campaign(session, idea.campaign, shared=True)
    # Before the lock a merge or another change may have come, or a co-author gone.
    session.refresh(idea, with_for_update={"of": Idea})
    check_may_change(idea, by=by, now=now, writes=writes)


def is_submitted(idea: type["Idea"] | None = None) -> ColumnElement[bool]:
    """SQL condition: the idea counts and everyone may read it: it is submitted, and not withdrawn, withheld or merged.

    `idea`: another name of Idea in the query.
    """
    one = idea or Idea
    return is_readable(one) & one.merged_into_id.is_(None)


def is_readable(idea: type["Idea"] | None = None) -> ColumnElement[bool]:
    """SQL condition: everyone may read the idea, also as part of the one that it is merged into.

    For what people gave: authors, comments, support. `is_submitted` is for whatever counts or lists ideas.
    """
    one = idea or Idea
    return one.submitted_at.is_not(None) & one.withdrawn_at.is_(None) & one.withheld.is_(None)


def idea_visible_to(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: this person may read the idea. Lists, searches, exports and single rows ask it.

    In a campaign that they may see: everyone reads a submitted idea, be it merged into another one, its author also
    their draft, its authors and the campaign's team, with administrators, also what was withdrawn or is withheld by
    moderation. A list also asks `is_submitted`.
    """
    if person is None:
        return Idea.campaign_id.in_(select(Campaign.id).where(campaign_visible_to(None))) & is_readable()
    return idea_seen_by(person.id, is_admin=person.is_admin)


def idea_seen_by(reader_id: int | BindParameter[int], *, is_admin: bool) -> ColumnElement[bool]:
    """SQL condition: as `idea_visible_to`, of whoever has this id. For queries that are built once."""
    seen = Idea.campaign_id.in_(select(Campaign.id).where(campaign_seen_by(reader_id, is_admin=is_admin)))
    team = true() if is_admin else Idea.campaign_id.in_(select(Campaign.id).where(in_team_of(reader_id)))
    return seen & (is_readable() | wrote(Idea, reader_id) | (Idea.submitted_at.is_not(None) & team))


def revised_since(session: Session, campaign: Campaign, instant: datetime) -> set[int]:
    """The ids of the campaign's ideas whose text changed after this instant: an earlier run is out of date for them."""
    return set(session.scalars(select(Idea.id).where(Idea.campaign_id == campaign.id, Idea.updated_at > instant)))


def submitted_ideas(campaign: Campaign) -> Select[Idea]:
    """The campaign's submitted ideas, oldest first: the order in which the pipeline gets them."""
    return select(Idea).where(Idea.campaign_id == campaign.id, is_submitted()).order_by(Idea.id)


def search_ideas(
    session: Session, campaign: Campaign, query: Query, *, before: int | None = None, match: Match | None = None
) -> Found[Idea]:
    """The campaign's submitted ideas that meet the search, with their authors, newest first. See `search`."""
    return search(
        session,
        Idea,
        query,
        where=(Idea.campaign_id == campaign.id) & is_submitted(),
        before=before,
        match=match,
        options=[joinedload(Idea.author).load_only(Person.name)],
    )


def latest_ideas(session: Session, campaign: Campaign, *, limit: int) -> Sequence[Idea]:
    """The campaign's newest ideas with their authors, newest first."""
    return session.scalars(_newest_query(), {"campaign_id": campaign.id, "size": limit}).all()


@cache  # building the query takes longer than running it
def _newest_query() -> Select[Idea]:
    """The `size` newest ideas of `campaign_id`, with their authors."""
    matching = (Idea.campaign_id == bindparam("campaign_id")) & is_submitted()
    # Numbers are sorted first and texts read afterwards: to sort thousands of texts is slow.
    ids = select(Idea.id).where(matching).order_by(Idea.id.desc()).limit(bindparam("size"))
    return (
        select(Idea)
        .where(Idea.id.in_(ids))
        .order_by(Idea.id.desc())
        .options(joinedload(Idea.author).load_only(Person.name))
    )


def own_idea(session: Session, campaign: Campaign, idea_id: int, *, author: Person) -> Idea | None:
    """The person's idea or draft with this id in this campaign, or None."""
    return session.scalar(
        select(Idea).where(
            Idea.id == idea_id,
            Idea.campaign_id == campaign.id,
            is_author_of(Idea, author.id),
            idea_visible_to(author),
        )
    )


def ideas_of(session: Session, person: Person) -> Sequence[Idea]:
    """The ideas that the person wrote in any campaign, alone or with others, latest first, withdrawn ones included."""
    return session.scalars(
        select(Idea)
        .where(wrote(Idea, person.id), Idea.submitted_at.is_not(None), idea_visible_to(person))
        .options(joinedload(Idea.campaign), joinedload(Idea.merged_into))
        .order_by(Idea.submitted_at.desc())
    ).all()
