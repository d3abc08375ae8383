"""A page as one file: HTML with its styles and pictures inside, and as PDF. It opens nothing and runs nothing.

The PDF is made by a bounded process (app/sandbox/document.py). The latest ones are kept in memory by what they are made
of: whoever asks again for the same page gets the same file.
"""

import hashlib
import re
import threading
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Mapping
from importlib.util import find_spec

from app.sandbox.process import Bounds, Refused, read
from app.sandbox.reading import slots
from ideas.errors import DomainError, message_id

BOUNDS = Bounds(seconds=60, megabytes=1_500)
MAX_KEPT, MAX_KEPT_BYTES = 8, 8_000_000
_ICON = re.compile(r'<svg class="icon"[^<>]*>\s*<use [^<>]*>\s*(?:</use>)?\s*</svg>')
_LOCAL_LINK = re.compile(r'(<[a-z][^<>]*\shref=")/(?!/)')
_PICTURE = re.compile(r'<img\s[^<>]*?src="/files/(\d+)"[^<>]*>')
_SHAPE = re.compile(r'<(svg|rect|circle|path|text|g)\s([^<>]*?)class="([^"]+)"')
# WeasyPrint draws a picture by its own attributes, without the styles of the page around it.
_DRAWN = {
    "coverage__bar": 'fill="#0b6066"',
    "meter": 'fill="#0b6066"',
    "chart__label": 'font-size="13"',
    "chart__value": 'font-size="13" font-weight="700"',
    "chart__track": 'fill="#e9e2d6"',
    "chart__bar": 'fill="#0b6066"',
    "emotion--joy": 'fill="#9a6a00"',
    "emotion--hope": 'fill="#217a45"',
    "emotion--surprise": 'fill="#8a3ba5"',
    "emotion--worry": 'fill="#2c63b8"',
    "emotion--anger": 'fill="#b3312f"',
    "emotion--gratitude": 'fill="#0f7a80"',
    "island__shore": 'fill="#cfe0dc"',
    "island__height": 'fill="#b5d0ca"',
    "island__reach": 'fill="none"',
    "island__dots": 'fill="none" stroke="#0b6066" stroke-linecap="round"',
    "map__loose": 'fill="none" stroke="#a59b8d" stroke-linecap="round"',
    "island__name--phone": 'display="none"',
    "island__name--phone-size": 'display="none"',
    "island__name": 'font-size="20" font-weight="700" text-anchor="middle" fill="#1d1a17"',
}
_SOURCE = re.compile(r'src="[^"]*"')

_kept: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()
_forgotten = 0  # how many times: what was begun before is not kept


class NoPdf(DomainError):
    message = message_id("This site makes no PDF. Download the file to read offline, or print the page.")


class PdfNotMade(DomainError):
    message = message_id("The PDF can’t be made now. Try again in a minute, or download the file to read offline.")


def makes_pdf() -> bool:
    """True where the extra `pdf` is installed. The process that serves pages never loads it."""
    return find_spec("weasyprint") is not None


def stand_alone(page: str, *, site: str, pictures: Mapping[int, tuple[str, bytes]]) -> str:
    """The HTML of a page of this site as a file of its own.

    `site`: how its address starts, for links. `pictures`: by the number of their file, their media type and bytes;
    other pictures are left out, as drawings of the sprite are.
    """

    def inside(image: re.Match[str]) -> str:
        found = pictures.get(int(image[1]))
        if found is None:
            return ""
        return _SOURCE.sub(f'src="data:{found[0]};base64,{b64encode(found[1]).decode()}"', image[0], count=1)

    def drawn(shape: re.Match[str]) -> str:
        names = sorted(shape[3].split(), key=len, reverse=True)
        how = next((_DRAWN[name] for name in names if name in _DRAWN), "")
        return f"{shape[0]} {how}" if how else shape[0]

    page = _SHAPE.sub(drawn, page)
    page = _LOCAL_LINK.sub(rf"\g<1>{site.rstrip('/')}/", _ICON.sub("", page))
    return _PICTURE.sub(inside, page)


def as_pdf(page: str) -> bytes:
    """The page, which `stand_alone` made, as PDF: a few seconds. Raises NoPdf, PdfNotMade."""
    if not makes_pdf():
        raise NoPdf
    content = page.encode()
    key = hashlib.sha256(content).hexdigest()
    with _lock:
        begun = _forgotten
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    try:
        with read("document", content, {}, slots=slots(), bounds=BOUNDS) as found:
            made = found.content()
    except Refused as refused:
        raise PdfNotMade from refused
    with _lock:
        if len(made) <= MAX_KEPT_BYTES and begun == _forgotten:
            _kept[key] = made
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Keep no PDF that was made, or begun, until now: somebody was erased."""
    global _forgotten  # noqa: PLW0603 -- what is kept is of the process, too
    with _lock:
        _forgotten += 1
        _kept.clear()
