"""What a request may send, and how much: 413 or 415 before anything is read of what it may not."""

import re
from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, abort, current_app, request
from flask.globals import request_ctx
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from app.server.proxies import is_loopback

# The longest text that a form takes, the debrief, is below 300 kB even where each letter is escaped.
MAX_FORM_BYTES = 1024 * 1024
# A manager may tick every idea of a large campaign.
MAX_FIELDS = 50_000
MAX_LANGUAGES_LENGTH = 200  # of Accept-Language; browsers send less than 100
# The fields of forms that take a file. A file in any other field is left out, as if the field were empty.
FILE_FIELDS = frozenset({"file", "portrait", "new_file"})
# And those of fields by which a campaign asks for a file: see app.forms.contributions.fields.
_OF_CAMPAIGN = re.compile(r"file_\d{1,10}", re.ASCII)
# What is asked on the machine itself, whatever host names the site answers to.
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
MAX_HOST_LENGTH = 260  # a name of 253 characters, and a port
# Flask answers it with a page and 400; a longer name fails while that page is written.
_NO_HOST = ".."
# No page has this origin, and no name ends so.
_UNKNOWN_HOST = "unknown.invalid"
_FILES = "multipart/form-data"
_FORMS = frozenset({_FILES, "application/x-www-form-urlencoded", ""})


def takes_file(name: str) -> bool:
    """True where a field of a form with this name takes a file."""
    return name in FILE_FIELDS or _OF_CAMPAIGN.fullmatch(name) is not None


class BoundedParser(FormDataParser):
    """Counts the fields of every form, where Werkzeug counts those of forms with files, and bounds where files are."""

    def parse(self, *given: Any, **options: Any) -> Any:
        stream, form, files = super().parse(*given, **options)
        return stream, form, self.cls([item for item in files.items(multi=True) if takes_file(item[0])])

    def _parse_urlencoded(self, stream: IO[bytes], *given: Any) -> Any:
        body = stream.read()
        if body.count(b"&") >= MAX_FIELDS:
            raise RequestEntityTooLarge
        # A program may send bytes that are no text.
        readable = body.decode(errors="replace").encode()
        return super()._parse_urlencoded(BytesIO(readable), *given)


class BoundedRequest(Request):
    """A request whose body may be as large as MAX_CONTENT_LENGTH only where it may hold a file.

    The wanted languages are cut here, before Werkzeug parses them.
    """

    form_data_parser_class = BoundedParser
    _trusted_hosts: Iterable[str] | None = None

    def __init__(self, environ: dict[str, Any], *given: Any, **options: Any) -> None:
        languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        if len(languages) > MAX_LANGUAGES_LENGTH:
            environ["HTTP_ACCEPT_LANGUAGE"] = languages[:MAX_LANGUAGES_LENGTH].rpartition(",")[0]
        if len(environ.get("HTTP_HOST", "")) > MAX_HOST_LENGTH:
            environ["HTTP_HOST"] = _NO_HOST
        super().__init__(environ, *given, **options)

    @property  # type: ignore[override]
    def trusted_hosts(self) -> Iterable[str] | None:
        """Those of TRUSTED_HOSTS, which Flask sets. What watches from this machine names it as it likes to be called.

        These pages have no links. A request through a proxy comes from the caller's address, not from this machine.
        """
        if self.path in WATCHED and is_loopback(self.remote_addr) and is_loopback(self.environ.get("HTTP_HOST")):
            return None
        return self._trusted_hosts

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: Iterable[str] | None) -> None:
        self._trusted_hosts = hosts

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        """In memory, which MAX_CONTENT_LENGTH bounds: a temporary file, and so the form, would fail on a full disk."""
        return BytesIO()

    @property
    def max_content_length(self) -> int | None:
        most = super().max_content_length
        return most if self.mimetype == _FILES or most is None else min(most, MAX_FORM_BYTES)

    @max_content_length.setter
    def max_content_length(self, most: int | None) -> None:
        self._max_content_length = most


def init_app(app: Flask) -> None:
    app.request_class = BoundedRequest
    # Before loaders, whose first query opens a transaction.
    app.url_value_preprocessor(lambda _endpoint, _values: _read_form())
    app.before_request(_answer_unknown_hosts)
    app.before_request(_check_shape)


def _read_form() -> None:
    """Wait for all of what is sent, however slow the line is: PostgreSQL ends a transaction that waits for long."""
    if request.method == "POST" and request.endpoint is not None:
        _form = request.form  # it reads the body, files too


def _answer_unknown_hosts() -> None:
    """A host that is not trusted is refused with a page, which needs a host and an adapter that Flask does not make."""
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- the way past Flask's proxy
    if context.url_adapter is None:
        context.url_adapter = current_app.url_map.bind(_UNKNOWN_HOST, script_name=request.root_path)
        request.host = _UNKNOWN_HOST


def _check_shape() -> None:
    """Refuse a body that no form of this site sends, such as JSON."""
    if request.mimetype not in _FORMS and request.method == "POST":
        abort(415)
