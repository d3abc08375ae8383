"""Compiled templates are kept on disk, so that a process that starts compiles only those that changed.

Compiling those of the page of themes takes half a second of a new process, as much as all else that its first reader
waits for. What is kept is code: a folder that others may write to is not used.
"""

import logging
import os
import stat
from importlib.metadata import version

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from app.settings import Settings

FOLDER = "templates"
# Counted up with what `app.web.pages.rendering` does to sources: Jinja compares them as they are written.
SOURCES = 2

log = logging.getLogger(__name__)


def keep_compiled(app: Flask, settings: Settings) -> bool:
    """Keep what is compiled in the instance folder, for this version of Jinja and of us. Returns whether that can be.

    Jinja compares each with the source of its template, and compiles it again where that has changed.
    """
    folder = settings.instance / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        log.warning("compiled templates can't be kept in %s (%s): each process compiles them", folder, error.strerror)
        return False
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or mode & 0o077:
        log.warning("%s is not used: others than the site's user may write to it. Delete it", folder)
        return False
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder), f"{version('jinja2')}-{SOURCES}-%s.compiled")
    return True
