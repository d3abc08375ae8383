"""Where uploaded files are, how they are sent, and the limits that pages name."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, current_app, send_file, send_from_directory

from app.file_store import file_store
from ideas.contributions.files.change import MAX_FILES
from ideas.files import MAX_ATTACHMENTS, MAX_CAMPAIGN_BYTES, MAX_FILE_BYTES, File
from ideas.store import Folder, Store


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        max_attachments=MAX_ATTACHMENTS,
        max_campaign_bytes=MAX_CAMPAIGN_BYTES,
        max_file_bytes=MAX_FILE_BYTES,
        max_idea_files=MAX_FILES,
    )


def uploads() -> Store:
    """The store of uploaded files."""
    return file_store(current_app.extensions["settings"])


def sent(file: File, **options: Any) -> Response:
    """The bytes of a file as an answer, read while they are sent; 404 where they are not there. Raises StoreAway.

    `options`: as of Flask's `send_file`. A part of a file (Range) is sent from a folder only.
    """
    store = uploads()
    if isinstance(store, Folder):
        return send_from_directory(store.path, file.stored_as, mimetype=file.media_type, **options)
    try:
        stream = store.open(file.stored_as)
    except FileNotFoundError:
        abort(404)
    answer = send_file(stream, mimetype=file.media_type, **options)
    if answer.status_code == HTTPStatus.OK:
        answer.content_length = file.size
    return answer
