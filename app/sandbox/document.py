"""A page as PDF, by WeasyPrint (the extra `pdf`). The page has all that it shows inside: no address is opened."""

import logging
from collections.abc import Iterator
from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

MAX_BYTES = 30_000_000


class NothingOutside(URLFetcher):  # type: ignore[misc]  # WeasyPrint comes without types
    """Opens what is written in the page itself (`data:`), and nothing else: no site, no file of this machine."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if not url.startswith("data:"):
            raise ValueError("only what is in the page is opened")
        return super().fetch(url, headers)


def read(content: bytes) -> Iterator[dict[str, Any] | bytes]:
    """The HTML page as a tagged PDF."""
    logging.disable(logging.CRITICAL)  # it names every style that it does not know
    page = HTML(string=content.decode(), base_url="data:,", url_fetcher=NothingOutside())
    made = page.write_pdf(pdf_tags=True, optimize_images=True, jpeg_quality=85, dpi=200)
    if len(made) > MAX_BYTES:
        yield {"error": "too_large", "params": {}}
    else:
        yield {"bytes": len(made)}
        yield made
