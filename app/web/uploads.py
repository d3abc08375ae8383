"""Where uploaded files are, and the limits that pages name."""

from pathlib import Path

from flask import Flask, current_app

from ideas.contributions.files.change import MAX_FILES
from ideas.files import MAX_ATTACHMENTS, MAX_CAMPAIGN_BYTES, MAX_FILE_BYTES


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        max_attachments=MAX_ATTACHMENTS,
        max_campaign_bytes=MAX_CAMPAIGN_BYTES,
        max_file_bytes=MAX_FILE_BYTES,
        max_idea_files=MAX_FILES,
    )


def uploads() -> Path:
    """The folder of uploaded files."""
    folder: Path = current_app.extensions["settings"].uploads
    return folder
