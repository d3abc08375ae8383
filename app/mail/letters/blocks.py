"""The pieces of a mail, and how it tells what became of ideas. In the language that is set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import current_app
from flask_babel import ngettext

from app.mail.letters.told import Fate, ToldAction, ToldActs, ToldAnswer
from app.web.pages.dates import day
from app.web.pages.language import gettext as _
from clustering.types import Leftover
from ideas.text import clean_line

MAX_QUOTED_LENGTH = 300
# Of what somebody did for ideas of others in a theme, a mail has the first ones; the receipt has all.
MAX_ACTS_OF_THEME = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a mail. `kind`: text, heading, quote, fact, list, link or line; or rich, a text with its `html`, which
    is safe; or a picture, with what it shows as its text.
    """

    kind: str
    text: str = ""
    url: str = ""
    items: Sequence[str] = ()
    html: str = ""


def debrief_blocks(
    fates: Sequence[Fate],
    acts: Sequence[ToldActs],
    *,
    more_themes: int,
    receipt: str,
    leaves_out_support: bool,
) -> Iterator[Block]:
    """What became of the person's ideas and of those that they responded to, which `more_themes` have. `receipt`: the
    address of theirs, where they may say that an idea is misplaced.
    """
    if leaves_out_support:
        yield Block(
            "text",
            _(
                "Here this person reads what became of the ideas that they supported, voted for or reacted to. It is"
                " left out for you: nobody is told who supports what."
            ),
        )
    if not fates and not acts and not leaves_out_support:
        yield Block("text", _("Thank you for taking part."))
        return
    if fates:
        yield Block("heading", ngettext("What became of your idea", "What became of your %(num)s ideas", len(fates)))
    for fate in fates:
        yield Block("line")
        yield from _fate_blocks(fate)
    if acts:
        yield Block("heading", _("What became of the ideas that you responded to"))
    for group in acts:
        yield Block("line")
        yield from _act_blocks(group)
    yield Block("line")
    if more_themes:
        words = ngettext(
            "You responded to ideas of %(num)s more theme. The page below has them all.",
            "You responded to ideas of %(num)s more themes. The page below has them all.",
            more_themes,
        )
        yield Block("text", words)
    yield receipt_block(receipt, is_of_author=bool(fates))


def receipt_block(receipt: str, *, is_of_author: bool) -> Block:
    """The link to what became of the reader's ideas, or of those that they responded to."""
    if is_of_author:
        return Block("link", _("Follow your ideas, or say that this is not what you meant"), receipt)
    return Block("link", _("Follow what becomes of them"), receipt)


def own_blocks(fates: Sequence[Fate], acts: Sequence[ToldActs]) -> Iterator[Block]:
    """What the reader wrote or did that an answer or an action concerns, without the answer: the first ones."""
    for fate in fates[:MAX_ACTS_OF_THEME]:
        yield Block("text", _("Your idea:"), fate.address)
        yield Block("quote", _shortened(fate.text))
    more = len(fates) - MAX_ACTS_OF_THEME
    if more > 0:
        yield Block("text", ngettext("And %(num)s more idea.", "And %(num)s more ideas.", more))
    for group in acts:
        yield from _quoted_acts(group, with_answers=False)


def _act_blocks(group: ToldActs) -> Iterator[Block]:
    """What the person did for the ideas of one theme, then its answer, once."""
    yield from _quoted_acts(group, with_answers=True)
    if group.theme is None and all(act.own is not None for act in group.acts):
        return
    if group.theme is None:
        no_theme = ngettext(
            "This idea is not part of a theme, so it has no answer of its own yet.",
            "These ideas are not part of a theme, so they have no answer of their own yet.",
            len(group.acts),
        )
        yield Block("text", no_theme)
        return
    yield Block("fact", _("Theme: %(theme)s", theme=group.theme))
    yield from _answer_or_none_blocks(group.answer)


def _quoted_acts(group: ToldActs, *, with_answers: bool) -> Iterator[Block]:
    """What the person did for the ideas of one theme. `with_answers`: each idea with its own answer, if it has one."""
    for act in group.acts[:MAX_ACTS_OF_THEME]:
        if act.comments:
            yield Block("text", _("You commented on this idea:"), act.address)
        elif act.supported:
            yield Block("text", _("You supported this idea:"), act.address)
        elif act.voted:
            yield Block("text", _("You voted for this idea:"), act.address)
        else:
            yield Block("text", _("You reacted to this idea:"), act.address)
        yield Block("quote", _shortened(act.text))
        for words in act.comments[:MAX_ACTS_OF_THEME]:
            yield Block("text", _("Your comment:"))
            yield Block("quote", _shortened(words))
        if act.own is not None and with_answers:
            yield from answer_blocks(act.own)
    more = len(group.acts) - MAX_ACTS_OF_THEME
    if more > 0:
        yield Block("text", ngettext("And %(num)s more idea.", "And %(num)s more ideas.", more))


def _fate_blocks(fate: Fate) -> Iterator[Block]:
    yield Block("text", _("Your idea:"), fate.address)
    yield Block("quote", _shortened(fate.text))
    if fate.own is not None:
        yield from answer_blocks(fate.own)
    if fate.theme is None:
        if fate.own is None:
            yield Block("text", _in_no_theme(fate.leftover))
        return
    yield Block("fact", _("Its theme: %(theme)s", theme=fate.theme))
    yield from _answer_or_none_blocks(fate.answer)
    for theme, answer in fate.also:
        yield Block("fact", _("It also counts in the theme: %(theme)s", theme=theme))
        yield from _answer_or_none_blocks(answer)


def _in_no_theme(leftover: Leftover | None) -> str:
    """The words of the pages for an idea without a theme."""
    pieces: Any = current_app.jinja_env.get_template("themes/theme/pieces.html").module
    return unescape(str(pieces.in_no_theme(leftover))).strip()


def _answer_or_none_blocks(answer: ToldAnswer | None) -> Iterator[Block]:
    if answer is None:
        yield Block("text", _("This theme has no answer yet."))
    else:
        yield from answer_blocks(answer)


def answer_blocks(answer: ToldAnswer) -> Iterator[Block]:
    if answer.expected_on is not None:
        yield Block("text", _("This theme has no answer yet. It is promised for %(day)s.", day=day(answer.expected_on)))
        return
    status = _status(answer.status)
    if answer.is_alone:
        yield Block("fact", _("Answer to this idea: %(status)s", status=status))
    else:
        yield Block("fact", _("Status of the theme: %(status)s", status=status))
    yield Block("quote", answer.reason)
    if answer.community_impact:
        yield Block("text", _("What changes for the community:"))
        yield Block("quote", answer.community_impact)
    yield Block("fact", _("%(person)s, on %(day)s", person=answer.respondent, day=day(answer.decided_on)))
    if answer.actions:
        yield Block("text", _("Actions:"))
        yield Block("list", items=[_action_words(action) for action in answer.actions])


def _action_words(action: ToldAction) -> str:
    if action.done_at is not None:
        return str(_("%(action)s, done on %(day)s", action=action.title, day=day(action.done_at)))
    if action.abandoned_at is not None:
        abandoned_on = day(action.abandoned_at)
        words = {"action": action.title, "day": abandoned_on, "reason": action.reason}
        return str(_("%(action)s, abandoned on %(day)s: %(reason)s", **words))
    return str(_("%(action)s, due date: %(day)s", action=action.title, day=day(action.due_on)))


def _status(status: str) -> str:
    """The words of the pages for a status."""
    pieces: Any = current_app.jinja_env.get_template("macros/page.html").module
    return unescape(str(pieces.decision_label(status))).strip()


def _shortened(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= MAX_QUOTED_LENGTH else line[: MAX_QUOTED_LENGTH - 1].rstrip() + "…"
