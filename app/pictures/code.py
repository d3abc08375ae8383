"""Codes that the camera of a phone reads (QR)."""

import io

from markupsafe import Markup


def inline_code(text: str) -> Markup:
    """The code as SVG within a page."""
    import segno  # loaded where it is needed

    drawn = segno.make(text, error="m").svg_inline(
        scale=5, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=False
    )
    return Markup(drawn)  # noqa: S704 -- segno draws it


def code_file(text: str) -> bytes:
    """The code as a file of its own, in SVG."""
    import segno

    file = io.BytesIO()
    segno.make(text, error="m").save(file, kind="svg", scale=8, border=4, light="#fff")
    return file.getvalue()
