"""The tables of an export: what a campaign holds, in columns that keep their names and their meaning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contributions.vote import Emotion
from ideas.errors import message_id
from ideas.exports import rows
from ideas.exports.rows import Authors, Row


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning`: a message, for the table that explains all columns."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: Sequence[Column]
    rows: Callable[[Session, Campaign, Authors], Iterator[Row]]
    # Columns of this campaign alone, after the others.
    more: Callable[[Session, Campaign], Sequence[str]] | None = None


# Of each of these columns.
FIELD_MEANING = message_id("What the author gave in this field of the form.")


def columns_in(session: Session, campaign: Campaign, table: Table) -> list[Column]:
    """The columns of the table for this campaign. A name that is taken gets a number."""
    found = list(table.columns)
    names = {column.name.casefold() for column in found}
    for wanted in table.more(session, campaign) if table.more is not None else ():
        name, number = wanted, 2
        while name.casefold() in names:
            name, number = f"{wanted} ({number})", number + 1
        names.add(name.casefold())
        found.append(Column(name, FIELD_MEANING))
    return found


_IDEA = Column("idea_id", message_id("The number of the idea, as in its address."))
_THEME = Column("theme_id", message_id("The number of the theme, as in its address."))
_AUTHOR = Column(
    "author",
    message_id("A pseudonym, the same for one person in all exports of this campaign. Empty for an anonymous idea."),
)
_VOTER = Column(
    "voter", message_id("A pseudonym for votes and reactions alone: it does not lead to what the person wrote.")
)
_NAME = Column("author_name", message_id("The name, if the export was asked for with names. Else empty."))
_VERSION = Column(
    "version",
    message_id("Made of the row. Leave it as it is: it tells what changed in the table, and what on the site."),
)
_STRENGTH = Column("strength", message_id("How much the idea belongs to the theme, from 0 to 1."))
_EMOTIONS = [
    Column(Emotion.JOY, message_id("How many people feel joy.")),
    Column(Emotion.HOPE, message_id("How many people feel hope.")),
    Column(Emotion.GRATITUDE, message_id("How many people feel gratitude.")),
    Column(Emotion.SURPRISE, message_id("How many people feel surprise.")),
    Column(Emotion.WORRY, message_id("How many people feel worry.")),
    Column(Emotion.ANGER, message_id("How many people feel anger.")),
]
TABLES = (
    Table(
        "campaign",
        [
            Column("campaign_id", message_id("The number of the campaign, as in its address.")),
            Column("title", message_id("The title of the campaign.")),
            Column("question", message_id("The question of the campaign.")),
            Column("opens_at", message_id("When the campaign opens, in UTC as all instants here.")),
            Column("closes_at", message_id("When the collection of ideas closes.")),
            Column("debrief_due_at", message_id("Until when the debrief is promised.")),
            Column("debriefed_at", message_id("When the debrief was published.")),
            Column("people", message_id("People who wrote, commented, supported or reacted.")),
            Column("ideas", message_id("Ideas that count: published, and not merged into another one.")),
            Column("without_author", message_id("Those of them that were imported without an account.")),
            Column("votes", message_id("Support for ideas that count; one person counts once for an idea.")),
            Column("comments", message_id("Comments that everyone can read.")),
            Column("themes", message_id("Themes as they are now.")),
            Column("decided", message_id("Themes that have their answer.")),
            Column("read", message_id("Ideas that someone of the team read as they are now.")),
        ],
        rows.campaign_rows,
    ),
    Table(
        "ideas",
        [
            _IDEA,
            Column("title", message_id("The title of the idea. It may be empty.")),
            Column("text", message_id("The text of the idea.")),
            Column("language", message_id("The language of the text, where it is known: fr, en.")),
            Column("question", message_id("Of an imported answer: the question of the survey.")),
            _AUTHOR,
            _NAME,
            Column("submitted_at", message_id("When the idea was published.")),
            Column(
                "state",
                message_id("published, withdrawn by its author, hidden, waiting, change_asked or merged."),
            ),
            Column("merged_into", message_id("The number of the idea that it is merged into.")),
            Column("theme_id", message_id("The number of its main theme.")),
            Column("theme", message_id("The name of its main theme.")),
            Column("leftover", message_id("Why it is in no theme: outlier, ambiguous, nothing, agrees, disagrees.")),
            _STRENGTH,
            Column("same_as", message_id("The number of an idea with the same text, or nearly so.")),
            Column("supports", message_id("People who support the idea, or one that is merged into it.")),
            *_EMOTIONS,
            Column("comments", message_id("Comments on the idea that everyone can read.")),
            Column("files", message_id("Photos and documents of the idea.")),
            Column("tags", message_id("Tags that the team put on the idea, separated by semicolons.")),
        ],
        rows.ideas_rows,
        more=rows.field_names,
    ),
    Table(
        "themes",
        [
            _THEME,
            Column("name", message_id("The name of the theme.")),
            Column("definition", message_id("A sentence of one of its ideas that says what they ask for.")),
            Column("named_by_a_person", message_id("Whether a person named it.")),
            Column("ideas", message_id("Ideas that count in the theme.")),
            Column("main", message_id("Those of them whose main theme it is.")),
            Column("also_in_others", message_id("Those of them that count in other themes too.")),
            Column("copies", message_id("Those of them that say nearly word for word what another one of them says.")),
            Column("people", message_id("Authors with an account, each counted once.")),
            Column("supports", message_id("People who support an idea of the theme, each counted once.")),
            *_EMOTIONS,
            Column("cohesion", message_id("How alike the ideas of the theme are, from 0 to 1.")),
        ],
        rows.themes_rows,
    ),
    Table(
        "membership",
        [
            _THEME,
            _IDEA,
            Column("main", message_id("Whether it is the main theme of the idea.")),
            _STRENGTH,
        ],
        rows.membership_rows,
    ),
    Table(
        "passages",
        [
            _IDEA,
            _THEME,
            Column("start", message_id("The first character of the passage, in title and text, counted from 0.")),
            Column("end", message_id("The character after the last one.")),
            _STRENGTH,
            Column("words", message_id("The words of the passage.")),
        ],
        rows.passages_rows,
    ),
    Table(
        "method",
        [
            Column("model", message_id("The model that read the ideas for the latest grouping.")),
            Column("namer", message_id("The language model that named themes, if one did.")),
            Column("grouped_at", message_id("When the ideas were grouped.")),
            Column("moved", message_id("Ideas that a person moved or took out of a theme since.")),
            Column("shaped", message_id("Themes that a person renamed, merged or split.")),
            Column("checked", message_id("Ideas of which a person said whether they belong where they are.")),
            Column("reviewers", message_id("People of the team who did any of this.")),
            Column(
                "agreement_checked", message_id("Of the ideas that were drawn at random to be checked: how many were.")
            ),
            Column(
                "agreement_right",
                message_id("Those of them that are in the right theme. Empty before all are checked."),
            ),
            Column(
                "agreement_low",
                message_id(
                    "The lower bound of the share of right ones, from 0 to 1. It lies between both 95 times in 100."
                ),
            ),
            Column(
                "agreement_high",
                message_id(
                    "The upper bound of the share of right ones, from 0 to 1. It lies between both 95 times in 100."
                ),
            ),
        ],
        rows.method_rows,
    ),
    Table(
        "decisions",
        [
            Column("decision_id", message_id("The number of the answer.")),
            _THEME,
            Column("theme", message_id("The name of the theme.")),
            Column("current", message_id("Whether the theme is still shown; else it was merged into another one.")),
            Column("status", message_id("adopted, planned, in_progress, done, declined, needs_more or pending.")),
            Column("reason", message_id("The answer in words.")),
            Column("community_impact", message_id("What changes for the community. It may be empty.")),
            Column("respondent", message_id("Who answers.")),
            Column("decided_on", message_id("The day of the decision.")),
            Column("expected_on", message_id("The day by which an answer is promised.")),
            Column("published_at", message_id("When it was published.")),
            _VERSION,
        ],
        rows.decisions_rows,
    ),
    Table(
        "idea_answers",
        [
            Column("answer_id", message_id("The number of this text of the answer.")),
            _IDEA,
            Column("number", message_id("How often the answer to this idea was saved by then.")),
            Column("current", message_id("Whether everyone reads this text today.")),
            Column("status", message_id("adopted, planned, in_progress, done, declined or needs_more.")),
            Column("reason", message_id("The answer in words.")),
            Column("change_reason", message_id("Why it replaced the text before it.")),
            Column("respondent", message_id("Who answers.")),
            Column("decided_on", message_id("The day of the decision.")),
            Column("published_at", message_id("When it was published.")),
        ],
        rows.idea_answers_rows,
    ),
    Table(
        "actions",
        [
            Column("action_id", message_id("The number of the action.")),
            Column("decision_id", message_id("The number of the answer that it follows.")),
            _THEME,
            Column("title", message_id("What will be done.")),
            Column("impact", message_id("What it changes for the community.")),
            Column("owner", message_id("Who is responsible.")),
            Column("due_on", message_id("The day by which it is due.")),
            Column("progress", message_id("Progress in percent.")),
            Column("published_at", message_id("When it was published.")),
            Column("done_at", message_id("When it was done.")),
            Column("abandoned_at", message_id("When it was abandoned.")),
            Column("abandoned_reason", message_id("Why it was abandoned.")),
            _VERSION,
        ],
        rows.actions_rows,
    ),
    Table(
        "milestones",
        [
            Column("milestone_id", message_id("The number of the milestone.")),
            Column("action_id", message_id("The number of the action.")),
            Column("title", message_id("What will be reached.")),
            Column("due_on", message_id("The day by which it is due.")),
            Column("done_on", message_id("The day on which it was reached.")),
            Column("abandoned_at", message_id("When it was abandoned.")),
            Column("abandoned_reason", message_id("Why it was abandoned.")),
        ],
        rows.milestones_rows,
    ),
    Table(
        "evidence",
        [
            Column("evidence_id", message_id("The number of the piece of evidence.")),
            Column("action_id", message_id("The number of the action.")),
            Column("text", message_id("What has been done. Empty where it was taken off.")),
            Column("link", message_id("A page that shows it.")),
            Column("files", message_id("How many photos and documents it has.")),
            _AUTHOR,
            _NAME,
            Column("created_at", message_id("When it was added.")),
            Column("removed_at", message_id("When it was taken off.")),
            Column("removed_reason", message_id("Why it was taken off.")),
        ],
        rows.evidence_rows,
    ),
    Table(
        "comments",
        [
            Column("comment_id", message_id("The number of the comment.")),
            Column("idea_id", message_id("The number of the idea. Empty for a comment on the debrief.")),
            Column("reply_to", message_id("The number of the comment that it replies to.")),
            Column("question", message_id("Whether it asks the campaign team.")),
            Column("by_team", message_id("Whether somebody of the campaign team wrote it.")),
            Column("text", message_id("The text of the comment.")),
            _AUTHOR,
            _NAME,
            Column("created_at", message_id("When it was published.")),
            Column("state", message_id("published, withdrawn by its author, hidden, waiting or change_asked.")),
        ],
        rows.comments_rows,
    ),
    Table(
        "moderation",
        [
            Column("at", message_id("When the act was done.")),
            Column("act", message_id("What was done: reported, held, hidden, reworded, merged and others.")),
            Column("by", message_id("A pseudonym of who did it. Empty for who reported.")),
            Column("object", message_id("idea, comment or person.")),
            Column("object_id", message_id("The number of the idea or comment, or a pseudonym of the person.")),
            Column("reason", message_id("The reason that was chosen.")),
            Column("note", message_id("What the moderator wrote.")),
        ],
        rows.moderation_rows,
    ),
    Table(
        "votes",
        [_IDEA, _VOTER, Column("created_at", message_id("When the person supported the idea."))],
        rows.votes_rows,
    ),
    Table(
        "reactions",
        [
            _IDEA,
            _VOTER,
            Column("emotion", message_id("joy, hope, gratitude, surprise, worry or anger.")),
            Column("created_at", message_id("When the person reacted.")),
        ],
        rows.reactions_rows,
    ),
)
