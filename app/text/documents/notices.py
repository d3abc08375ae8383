"""docs/notices.md: who is told of which act, and how, written from the rules."""

from collections.abc import Iterator
from operator import itemgetter

from flask import current_app
from flask_babel import force_locale

from app.text.notices.notice import kind_label
from ideas.activity.activity import Activity
from ideas.outreach.limits.budget import ABOUT_DECISIONS, is_always_sent, is_urgent
from ideas.outreach.notice import BY_MAIL
from ideas.outreach.recipients.rule import Rule
from ideas.outreach.recipients.rules import RULES

_INTRODUCTION = """\
# Who is told of what

This page is written from `RULES` in `ideas/outreach/recipients/rules.py` and from the budget in
`ideas/outreach/limits/budget.py`, and a test compares. After a change, regenerate it with
`.venv/bin/flask --app app notices > docs/notices.md`.

Each person is told of an act by the first line that names them, once, and never of their own. A notice is always shown
in the product. What goes out by mail besides is chosen by each person, kind by kind, under *Notifications*; what is
read there is the third column. By mail:

- *always*: at once, and outside the weekly budget.
- *budget*: within the weekly budget, at the hours that suit the person. What exceeds it is in the next digest.
- *budget, at once*: within the budget, whatever the hour.
- *authors always*: at once to whoever wrote an idea in the campaign; to the others as *budget*.
- *no*: in the product only.

Beside these there are mails of accounts (address, password, sign-in), which always go out; invitations to an address,
which have a budget of their own; and the digest, for people who neither visited nor got an email.
"""


def notices_document() -> str:
    """The text of docs/notices.md."""
    head = ["act", "who is told", "kind, as each person can choose", "by mail"]
    with current_app.test_request_context(), force_locale("en"):
        rows = [_line(row) for row in sorted(_rows(), key=itemgetter(0))]
    return "\n".join([_INTRODUCTION, _line(head), _line(["---"] * len(head)), *rows, ""])


def _rows() -> Iterator[list[str]]:
    for (subject, verb), first in RULES.items():
        act = Activity(object_kind=subject, verb=verb)
        rule: Rule | None = first
        while rule is not None:
            yield [f"{subject}: {verb}".replace("_", " "), _who(rule), kind_label(rule.kind), _by_mail(act, rule)]
            rule = rule.then


def _who(rule: Rule) -> str:
    """The first sentence of what the rule's query says of itself."""
    said = " ".join((rule.people.__doc__ or "").split())
    sentence = said.partition(". ")[0].rstrip(".")
    return f"{sentence}, once a day at most" if rule.every else sentence


def _by_mail(act: Activity, rule: Rule) -> str:
    if rule.kind not in BY_MAIL:
        return "no"
    if is_always_sent(act, rule.kind):
        return "always"
    if rule.kind in ABOUT_DECISIONS:
        return "authors always"
    return "budget, at once" if is_urgent(act, rule.kind) else "budget"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
