"""docs/personal-data.md: what is stored about people, written from the register."""

from ideas.privacy.register import REGISTER, Fate, Holding

_INTRODUCTION = """\
# What is stored about people

This page is written from `REGISTER` in `ideas/privacy/register.py`, and a test compares. After a change, regenerate it
with `.venv/bin/flask --app app personal-data > docs/personal-data.md`.

Each line is a column of the database that refers to a person. An export holds the rows of every line, without secrets
and without the other people named in them. An erasure does what the last column says:

- *deleted*: the rows are deleted.
- *emptied*: the rows stay for the figures; what the person wrote in them, or what they say about the person, is
  deleted.
- *nameless*: the rows stay; the account that they name has no name and no address any more.
- *chosen*: the person chooses between keeping their texts without their name, and deleting them. What counts in a
  closed campaign goes on counting.

A proven address is replaced wherever a text has it, and the name after an @ in comments. A full name is replaced in
what the person wrote, comments on it, acts and emails about it, and cases, reports and sanctions; not in other texts,
and not where it is one word or two members share it. Why it is so: [decision 58](decisions/0058-erasure.md).
"""


def register_document() -> str:
    """The text of docs/personal-data.md."""
    head = ["what", "column", "why", "how long", "erasure"]
    return "\n".join([_INTRODUCTION, _line(head), _line(["---"] * len(head)), *map(_row, REGISTER), ""])


def _row(line: Holding) -> str:
    fate = line.fate.value
    if line.fate is Fate.EMPTIED and line.empties:
        fate += f" ({', '.join(line.empties)})"
    return _line([line.what, f"`{line.name}`", line.why, line.kept_for, fate])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
