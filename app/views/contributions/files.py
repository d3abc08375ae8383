"""The photos and documents that come with the form of an idea, kept until the form is accepted."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import after_this_request, g, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.fields import control_name
from app.forms.contributions.files import DESCRIBED, LEFT, WithFilesForm, with_files
from app.pictures.uploads.redraw import accept, small_picture
from app.web.pages.language import gettext as _
from app.web.pages.rendering import translated
from app.web.uploads import uploads
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, asked_fields
from ideas.contributions.files.change import MAX_FILES, MAX_IDEA_BYTES, removed_places
from ideas.contributions.files.idea_file import IdeaFile, count_sent, files_of, keep_waiting, sent_files
from ideas.contributions.idea import Idea
from ideas.errors import DomainError
from ideas.files import Upload, discard, kept
from ideas.media_type import MEGABYTE

# The name of the hidden fields with the numbers of files that wait.
WAITING = "waiting"

AnyForm = TypeVar("AnyForm", bound=WithFilesForm)


@dataclass(slots=True)
class _Sent:
    """The files of one request: those of the idea and those that wait; what new ones show; what was refused.

    `form`: says what is refused where there are too many, or where they are too large.
    """

    files: list[IdeaFile]
    form: type[WithFilesForm]
    alternatives: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def has_room(self, *, size: int, in_field: bool) -> None:
        """Raises the `too_many` or `too_large` of the form: before the file is kept, to be said beside its control."""
        left = [one for one in self.files if f"{LEFT}{one.file_id}" not in request.form]
        if not in_field and sum(one.field_id is None for one in left) >= MAX_FILES:
            raise self.form.too_many(most=MAX_FILES)
        if sum(one.file.size for one in left) + size > MAX_IDEA_BYTES:
            raise self.form.too_large(most=MAX_IDEA_BYTES // MEGABYTE)


def open_form(
    form: type[AnyForm],
    campaign: Campaign,
    idea: Idea | None,
    *,
    obj: Idea | None = None,
    data: Mapping[str, Any],
    takes_files: bool = True,
) -> AnyForm:
    """The form of an idea, or of evidence, with its files. What was sent with this request is kept, once, and waits for
    the form. `takes_files`: false where the form is about to be refused as a whole, so no new file is looked into.
    """
    if "idea_files" not in g:
        g.idea_files = _sent(campaign, idea, form, takes_files=takes_files)
    sent: _Sent = g.idea_files
    opened = with_files(form, sent.files, sent.refused)(obj=obj, data={**data, **sent.alternatives})
    if sent.alternatives:  # what the new one shows is beside it now
        opened.new_alternative.data = ""
    return opened


def with_sent_files(form: type[AnyForm]) -> type[AnyForm]:
    """Another form, with the files that came with this request, where it takes the place of the form that was sent."""
    return with_files(form, g.idea_files.files, {})


def _sent(campaign: Campaign, idea: Idea | None, form: type[WithFilesForm], *, takes_files: bool) -> _Sent:
    present = files_of(database(), [idea.id]).get(idea.id, []) if idea is not None else []
    sent = _Sent(present, form)
    if request.method != "POST":
        return sent
    numbers = {number for number in request.form.getlist(WAITING, type=int) if 0 < number <= MAX_ID}
    there = {one.file_id for one in present}
    # One that an autosave added meanwhile, to the draft of the same form, is among them too.
    sent.files += sent_files(database(), numbers - there, by=member())
    lost = numbers - {one.file_id for one in sent.files}
    for name, field_id in _controls(campaign).items() if takes_files else ():
        given = request.files.get(name)
        if given is not None and given.filename:
            _keep(sent, name, given, field_id)
    # It waited too long, or made room for others: without a word the idea would be published without it.
    if any(f"{LEFT}{number}" not in request.form for number in lost):
        sent.refused.setdefault("new_file", _("A file is no longer there. Choose it again."))
    taken_off = [one.file_id for one in present]
    if taken_off and (request.files or any(name.startswith(LEFT) for name in request.form)):
        after_this_request(lambda answer: _discard_removed(answer, taken_off))
    return sent


def _controls(campaign: Campaign) -> dict[str, int | None]:
    """The controls that take a file, each with the number of its field."""
    if not request.files:
        return {}
    asked = [one for one in asked_fields(database(), campaign) if one.kind is FieldKind.FILE]
    return {"new_file": None} | {control_name(one): one.id for one in asked}


def _keep(sent: _Sent, name: str, given: FileStorage, field_id: int | None) -> None:
    content = given.read()
    database().rollback()  # drawing a picture takes a while: hold no write lock meanwhile
    try:
        sent.has_room(size=0, in_field=field_id is not None)
        count_sent(database(), by=member(), now=now())
        database().commit()
        upload = accept(content, given.filename or "")
        sent.has_room(size=len(upload.content), in_field=field_id is not None)
        one = _stored(upload, field_id, beside=[one.file_id for one in sent.files if one.idea_id is None])
    except DomainError as error:
        database().rollback()
        sent.refused[name] = translated(error)
        return
    # It takes the place of what was sent for the same field before.
    if field_id is not None:
        sent.files = [each for each in sent.files if each.idea_id is not None or each.field_id != field_id]
    sent.files.append(one)
    if one.file.is_picture and field_id is None:
        sent.alternatives[f"{DESCRIBED}{one.file_id}"] = request.form.get("new_alternative", "")


def _stored(upload: Upload, field_id: int | None, *, beside: Sequence[int]) -> IdeaFile:
    small = small_picture(upload)
    with ExitStack() as stack:
        stored_as = stack.enter_context(kept(uploads(), upload.content))
        small_as = stack.enter_context(kept(uploads(), small.content)) if small is not None else ""
        one = keep_waiting(
            database(), upload, stored_as=stored_as, small=small, small_as=small_as, field_id=field_id,
            beside=beside, by=member(), now=now(),
        )  # fmt: skip
        database().commit()
    return one


def _discard_removed(answer: Response, file_ids: Sequence[int]) -> Response:
    """Delete the bytes of what was taken off, after the commit."""
    for stored_as in removed_places(database(), file_ids):
        discard(uploads(), stored_as)
    return answer
