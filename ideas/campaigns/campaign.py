"""Campaigns: a question to a community, open for a fixed time, with a promised debrief."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    case,
    column,
    false,
    func,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column, relationship

from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY
from ideas.base import Base, choice
from ideas.campaigns.phases.phase import (
    CampaignPhase,
    PhaseAct,
    allows,
    comments_after_closing,
    ends_of,
    is_outside,
    read_phases,
)
from ideas.files import File
from ideas.people.person import Person
from ideas.search import Searchable
from ideas.spaces.audience import Audience

MAX_TITLE_LENGTH = 120
MAX_CHALLENGE_LENGTH = 300
MAX_BRIEF_LENGTH = 20_000
MAX_PARAGRAPH_LENGTH = 2_000
MAX_URL_LENGTH = 500
MAX_ALTERNATIVE_LENGTH = 250
# In a text of a template, beside words: here the owner has to write something. Alone on its line it is Markdown's line.
GAP = "____"
# A debrief that is scheduled for the very moment that was promised comes with the worker's next turn, each minute.
DEBRIEF_LEEWAY = timedelta(minutes=2)


class State(StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    DEBRIEFED = "debriefed"
    FOLLOWED_THROUGH = "followed_through"


class GateItem(StrEnum):
    """What a campaign needs before it may be announced."""

    CHALLENGE = "challenge"
    BRIEF = "brief"
    BENEFIT = "benefit"
    MOTIVATION = "motivation"
    OPENING = "opening"
    CLOSING = "closing"
    DEBRIEF_DATE = "debrief_date"
    PORTRAIT = "portrait"
    WORD = "word"
    PHASES = "phases"


def _all_actions_done(campaign_id: Any) -> ColumnElement[bool]:
    """SQL: the campaign has published actions, and each of them is done. One that was abandoned never is.

    The tables are named, not imported: answers are above campaigns. Actions of a theme that was merged away count too.
    """
    action = table("action", *map(column, ("decision_id", "published_at", "done_at", "abandoned_at")))
    decision = table("decision", column("id"), column("theme_id"))
    theme = table("theme", column("id"), column("campaign_id"))
    is_done = case((action.c.done_at.is_not(None) & action.c.abandoned_at.is_(None), 1), else_=0)
    all_done = (
        select(func.coalesce(func.min(is_done), 0) == 1)
        .select_from(
            action.join(decision, decision.c.id == action.c.decision_id).join(theme, theme.c.id == decision.c.theme_id)
        )
        .where(theme.c.campaign_id == campaign_id, action.c.published_at.is_not(None))
        .correlate_except(action, decision, theme)
    )
    return type_coerce(all_done.scalar_subquery(), Boolean)


class Campaign(Searchable, Base):
    __tablename__ = "campaign"
    searched = ("title", "challenge", "brief", "benefit", "motivation", "owner_word")
    __table_args__ = (
        CheckConstraint("closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint(
            "debrief_due_at IS NULL OR closes_at IS NULL OR debrief_due_at >= closes_at", name="debrief_after_closing"
        ),
        CheckConstraint(
            "announced_at IS NULL OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND debrief_due_at IS NOT NULL"
            " AND benefit <> '' AND motivation <> '')",
            name="announced_is_complete",
        ),
        CheckConstraint(f"granularity BETWEEN {MIN_GRANULARITY} AND {MAX_GRANULARITY}", name="granularity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    challenge: Mapped[str] = mapped_column(String(MAX_CHALLENGE_LENGTH), default="")
    brief: Mapped[str] = mapped_column(Text, default="")
    benefit: Mapped[str] = mapped_column(Text, default="")
    motivation: Mapped[str] = mapped_column(Text, default="")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    debrief_due_at: Mapped[datetime | None]
    # Altered in later, for a file points to its campaign too.
    portrait_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", use_alter=True))
    # A wide picture, a small one for phones, and what it shows for who does not see it: see ideas.campaigns.cover.
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", use_alter=True))
    cover_small_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", use_alter=True))
    cover_alternative: Mapped[str] = mapped_column(
        String(MAX_ALTERNATIVE_LENGTH), default="", server_default=text("''")
    )
    owner_word: Mapped[str] = mapped_column(Text, default="")
    owner_video_url: Mapped[str] = mapped_column(String(MAX_URL_LENGTH), default="")
    granularity: Mapped[int] = mapped_column(default=0, server_default="0")
    # Whom it is open to from the announcement on; whom else, and from when on: see ideas.spaces.audience.
    audience: Mapped[Audience] = mapped_column(choice(Audience), default=Audience.PUBLIC, server_default="public")
    # A public campaign only: visitors without an account and search engines read it.
    open_to_visitors: Mapped[bool] = mapped_column(default=False, server_default=false())
    # How often the audience was chosen: its form is another than that of the texts.
    audience_version: Mapped[int] = mapped_column(default=1, server_default="1")
    # ISO 639-1: the language that its themes are named in. None where its question says which.
    lang: Mapped[str | None] = mapped_column(String(2))
    # Names of patients are looked for in what people write: see ideas.personal_data.
    is_health: Mapped[bool] = mapped_column(default=False, server_default=false())
    # A second person approves each answer before it is public: see ideas.answers.approval.
    answers_reviewed: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Ideas may be sent without the name of their author: see ideas.contributions.authors.anonymous.
    allows_anonymous: Mapped[bool] = mapped_column(default=False, server_default=false())
    # A text that seems to hold personal data waits for a moderator, even if its author keeps them knowingly.
    is_strict: Mapped[bool] = mapped_column(default=False, server_default=false())
    # How many ideas each person may support; None for as many as they like. See ideas.contributions.vote.
    supports_each: Mapped[int | None]
    # Who took part most is shown in standings: see ideas.recognition. Off for campaigns that were there before.
    has_standings: Mapped[bool] = mapped_column(default=True, server_default=false())
    # Its standings also compare groups by this attribute of members: see ideas.recognition.group_standing.
    standing_attribute_id: Mapped[int | None] = mapped_column(ForeignKey("attribute.id"))
    # How often what it says of points and standings was saved: its form is another than that of the texts.
    motivation_version: Mapped[int] = mapped_column(default=1, server_default="1")
    # What it is for, and what is expected of it, for its team: see ideas.campaigns.objective.
    objective: Mapped[str | None] = mapped_column(String(20))
    expected_outcome: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    # Its phases, as JSON: see ideas.campaigns.phases.
    phases: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    # How often its texts and dates were saved: see ideas.activity.version.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    # Instants of what happened to the campaign; its state follows from them.
    announced_at: Mapped[datetime | None]
    grouped_at: Mapped[datetime | None]
    debriefed_at: Mapped[datetime | None]
    # Of a draft: since when its brief is shown early. See ideas.recognition.early_brief.
    shown_early_at: Mapped[datetime | None]
    # Of a draft only. Nobody finds it from here on: see `campaign_visible_to`.
    deleted_at: Mapped[datetime | None]
    # Computed when the campaign is read: see `forget_actions_done`.
    all_actions_done: Mapped[bool] = column_property(_all_actions_done(id))  # noqa: A003 -- the column above

    owner: Mapped[Person] = relationship()
    portrait: Mapped[File | None] = relationship(foreign_keys=portrait_id)
    cover: Mapped[File | None] = relationship(foreign_keys=cover_id)
    cover_small: Mapped[File | None] = relationship(foreign_keys=cover_small_id)

    def state(self, now: datetime) -> State:
        """The state at this instant. At the instant of closing the campaign is closed."""
        if self.announced_at is None or self.opens_at is None or self.closes_at is None:
            return State.DRAFT
        if self.debriefed_at is not None:
            return State.FOLLOWED_THROUGH if self.all_actions_done else State.DEBRIEFED
        if now < self.opens_at:
            return State.ANNOUNCED
        if now < self.closes_at:
            return State.OPEN
        return State.UNDER_REVIEW if self.grouped_at is not None else State.CLOSED

    def is_open(self, now: datetime) -> bool:
        return self.state(now) is State.OPEN

    def takes(self, act: PhaseAct | str, now: datetime) -> bool:
        """True where participants may do this now, by the dates of the campaign and by its phases."""
        act = PhaseAct(act)
        state = self.state(now)
        if act is PhaseAct.COMMENT and state in {State.CLOSED, State.UNDER_REVIEW}:
            return comments_after_closing(self.phase_list, now)
        return state is State.OPEN and allows(self.phase_list, act, now)

    @property
    def phase_list(self) -> list[CampaignPhase]:
        return read_phases(self.phases)

    def ends_of(self, act: PhaseAct | str) -> list[datetime]:
        """When this is no longer taken: the closing, and the ends of phases before it that have the act."""
        found = [
            end for end in ends_of(self.phase_list, PhaseAct(act)) if self.closes_at is None or end < self.closes_at
        ]
        return found or ([self.closes_at] if self.closes_at is not None else [])

    def takes_until(self, act: PhaseAct | str, now: datetime) -> datetime | None:
        """Until when this is taken without a break, where it is now."""
        later = [end for end in self.ends_of(act) if end > now]
        return min(later) if later else self.closes_at

    def debrief_is_overdue(self, now: datetime) -> bool:
        """True if the promised moment has passed without a debrief, with its leeway. Everyone sees it."""
        return (
            self.announced_at is not None
            and self.debriefed_at is None
            and self.debrief_due_at is not None
            and now > self.debrief_due_at + DEBRIEF_LEEWAY
        )


def _has_gap(text: str) -> bool:
    return any(GAP in line and line.strip(" _") for line in text.splitlines())


def launch_gate(campaign: Campaign, *, now: datetime | None) -> list[GateItem]:
    """What the campaign still needs before it may be announced, in the order of the page.

    If `now` is given, a closing date in the past counts as missing, and so does a text with a gap of its template. So
    do phases of which one takes ideas or support outside of the dates.
    """
    written = {
        name: bool(getattr(campaign, name)) and (now is None or not _has_gap(getattr(campaign, name)))
        for name in ("challenge", "brief", "benefit", "motivation")
    }
    closing_is_usable = campaign.closes_at is not None and (now is None or campaign.closes_at > now)
    present = {
        GateItem.CHALLENGE: written["challenge"],
        GateItem.BRIEF: written["brief"],
        GateItem.BENEFIT: written["benefit"],
        GateItem.MOTIVATION: written["motivation"],
        GateItem.OPENING: campaign.opens_at is not None,
        GateItem.CLOSING: closing_is_usable,
        GateItem.DEBRIEF_DATE: campaign.debrief_due_at is not None,
        GateItem.PORTRAIT: campaign.portrait_id is not None,
        GateItem.WORD: bool(campaign.owner_word or campaign.owner_video_url),
        GateItem.PHASES: now is None
        or not any(is_outside(one, campaign.opens_at, campaign.closes_at) for one in campaign.phase_list),
    }
    return [item for item, there in present.items() if not there]


def lock_campaign(session: Session, campaign: Campaign, *, shared: bool = False) -> None:
    """Lock the campaign's row until the commit, and read it again. A `shared` lock excludes only exclusive ones.

    Submitting or changing an idea, supporting it and commenting take a shared lock. Closing, importing, grouping,
    placing, editing themes, deciding and publishing take an exclusive one. On SQLite every writer is alone anyway.
    """
    session.flush()  # else the refresh would overwrite what the caller changed
    session.refresh(campaign, with_for_update={"of": Campaign, "read": shared, "key_share": not shared})


def forget_actions_done(session: Session, campaign: Campaign) -> None:
    """Have `all_actions_done` computed again when it is read next. For whatever publishes or changes an action."""
    session.flush()
    session.expire(campaign, ["all_actions_done"])
