"""Commands on ideas, for whoever runs the server."""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.clock import now
from app.commands.admin import BadInput
from app.extensions import database
from app.settings import Settings
from app.tables import idea_file
from app.tables.idea_file import Choices, Preview, samples
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import asked_fields
from ideas.contributions.imports.importing import IdeaImport, import_ideas, keep_report
from ideas.contributions.imports.known import SameId
from ideas.contributions.imports.report import ImportReport
from ideas.errors import DomainError
from ideas.personal_data.rows import PersonalRows
from ideas.text import clean_line

idea_commands = AppGroup("idea", help="Import ideas from elsewhere.")

_PARTS = {"lang": "language", "key": "identifier", "email": "addresses"}
_SHOWN_TEXT = 100


@idea_commands.command("import")
@click.argument("campaign_id", metavar="CAMPAIGN", type=int)
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Show what would be imported. Write nothing.")
@click.option("--text", metavar="COLUMN", help="Column of the text. Default: guessed.")
@click.option("--more", metavar="COLUMN", multiple=True, help="Another column of text. May be given several times.")
@click.option("--apart", is_flag=True, help="Make each text of a row an idea of its own. Default: join them.")
@click.option("--title", metavar="COLUMN", help="Column of the title. Default: guessed.")
@click.option("--author", metavar="COLUMN", help="Column of the author. Default: none, authors stay private.")
@click.option("--lang", metavar="COLUMN", help="Column of the language. Default: guessed.")
@click.option("--id", "key", metavar="COLUMN", help="Column of the idea's identifier. Default: guessed.")
@click.option("--state", metavar="COLUMN|none", help="Column by which rows are left out. Default: guessed.")
@click.option("--email", metavar="COLUMN", help="Column of the authors' addresses, kept for them to claim their ideas.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook. Default: guessed.")
@click.option("--header", metavar="LINE", type=click.IntRange(0), help="Line of the column names, 0 for none.")
@click.option("--encoding", metavar="NAME", help="Encoding of a text file. Default: guessed.")
@click.option(
    "--same-id",
    type=click.Choice([choice.value for choice in SameId]),
    default=SameId.SKIP.value,
    help="What to do with an identifier that the campaign has with another text. Default: skip.",
)
@click.option(
    "--personal-data",
    type=click.Choice([choice.value for choice in PersonalRows]),
    default=PersonalRows.HOLD.value,
    help="What to do with rows that seem to hold personal data. Default: hold, until a moderator has read them.",
)
@click.option("--with-rejected", is_flag=True, help="Also import rows that are rejected, hidden, drafts or spam.")
def import_ideas_command(
    campaign_id: int,
    file: str,
    dry_run: bool,
    same_id: str,
    personal_data: str,
    with_rejected: bool,
    more: Sequence[str],
    apart: bool,
    sheet: str | None,
    header: int | None,
    encoding: str | None,
    **names: str | None,
) -> None:
    """Import the ideas of FILE (CSV, XLSX or ODS) into the campaign with the number CAMPAIGN.

    The report of the import is on the page of imports, where it can be undone.
    """
    campaign = database().get(Campaign, campaign_id)
    if campaign is None:
        raise BadInput(f"There is no campaign {campaign_id}.")
    same, personal = SameId(same_id), PersonalRows(personal_data)
    try:
        content = Path(file).read_bytes()
        table = _read(content, file, sheet=sheet, header=header, encoding=encoding)
        choices = idea_file.named(table, names, more=more, apart=apart)
        choices = replace(choices, same_id=same, with_off=with_rejected, personal=personal)
        choices = idea_file.filling(choices, table.columns, asked_fields(database(), campaign))
        with idea_file.open_rows(content, file, choices) as rows:
            kept = None if dry_run else keep_report(database(), campaign, filename=Path(file).name, now=now())
            report = import_ideas(
                database(), campaign, rows, same_id=same, personal=personal, now=now(), kept=kept, dry_run=dry_run,
                after_chunk=database().commit,  # so that people can write meanwhile
            )  # fmt: skip
    except OSError as error:
        raise BadInput(f"{file} can't be read: {error.strerror}.") from error
    except DomainError as error:
        raise BadInput(str(error)) from error
    database().commit()
    for line in _report_lines(report, dry_run=dry_run):
        click.echo(line)
    for line in _plan_lines(table, choices) if kept is None else _undo_lines(kept):
        click.echo(line)


def _read(content: bytes, file: str, *, sheet: str | None, header: int | None, encoding: str | None) -> Preview:
    """What the file holds, read as asked. Raises BadInput, and what makes it unreadable."""
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise BadInput(f"There is no encoding {encoding}.") from error
    how = {
        name: value
        for name, value in (("sheet", sheet), ("header", header), ("encoding", encoding))
        if value is not None
    }
    table = idea_file.preview(content, file, how)
    if sheet is not None and sheet not in table.sheets:
        raise BadInput(f"There is no sheet {sheet}. Sheets: {', '.join(table.sheets) or 'none, this is a text file'}.")
    return table


def _plan_lines(table: Preview, choices: Choices) -> Iterator[str]:
    """How the file is read: its columns, and its first ideas as they would be."""
    columns = [table.columns[place] for place in choices.texts]
    joined = "" if len(columns) == 1 else ", each an idea of its own" if choices.apart else ", joined"
    yield f"text: {', '.join(columns)}{joined}"
    for part in ("title", "author", "lang", "key", "state", "email"):
        place = getattr(choices, part)
        left_out = part == "email" and not choices.with_addresses
        name = "none" if place is None or left_out else table.columns[place]
        hidden = part == "author" and place is not None and not choices.with_names
        yield f"{_PARTS.get(part, part)}: {name}{', not shown' if hidden else ''}"
    if table.encoding is not None:
        yield f"encoding: {table.encoding}"
    for number, row in enumerate(samples(table, choices), start=1):
        title, body = clean_line(row.title), clean_line(row.body)
        text = f"{title} – {body}" if title and body else title or body
        yield f"idea {number}: {text[:_SHOWN_TEXT]}{'…' if len(text) > _SHOWN_TEXT else ''}"


def _undo_lines(kept: IdeaImport) -> Iterator[str]:
    settings: Settings = current_app.extensions["settings"]
    yield f"report, from which to undo it: {settings.base_url}/campaigns/{kept.campaign_id}/import/{kept.id}"


def _report_lines(report: ImportReport, *, dry_run: bool) -> Iterator[str]:
    yield f"{'to add' if dry_run else 'added'}: {report.added}"
    yield f"already imported: {report.known}"
    if report.changed:
        yield f"same identifier, other text: {report.changed}"
    if report.off:
        yield f"left out because of their state: {report.off}"
    personal = report.personal
    for name, count in (("held", personal.held), ("left out", personal.left_out), ("kept", personal.kept)):
        if count:
            yield f"{name} because of personal data: {count}"
    for line, kinds in personal.lines:
        yield f"  line {line}: {', '.join(kinds)}"
    yield f"refused: {report.refused_total}"
    for row in report.refused:
        yield f"  line {row.line}: {row.reason % row.values}"
    if report.refused_total > len(report.refused):
        yield f"  and {report.refused_total - len(report.refused)} more"
