"""Pages of a long list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its number, how many pages there are, and how many items in all."""

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
    """The page with this number, or the first or last page if there is none."""
    pages = max(1, -(-total // size))
    return Page(number=min(max(1, number), pages), pages=pages, total=total)
