"""A page of a list that is too long to show whole."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page this is, of how many, and how much the list holds in all."""

    number: int
    pages: int
    total: int

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def page_at(number: int, *, size: int, total: int) -> Page:
    """The page of this number; one beyond either end gives the page at that end."""
    pages = max(1, -(-total // size))
    return Page(number=min(max(1, number), pages), pages=pages, total=total)
