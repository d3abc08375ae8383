"""A small picture that says how many promises were kept, for other sites."""

from markupsafe import Markup, escape

# How wide a letter of the badge is at most, in pixels: no font is known where it is shown.
_LETTER, _PAD, _HEIGHT = 6.6, 10, 24
# Dark enough for white letters on any page.
_LEFT, _RIGHT = "#3b3530", "#0b6066"


def badge(label: str, value: str) -> str:
    """The badge as SVG, with its words for who does not see it."""
    first, second = (round(len(words) * _LETTER + 2 * _PAD) for words in (label, value))
    width, words = first + second, escape(f"{label}: {value}")
    middle = _HEIGHT // 2
    text = Markup('<text x="{}" y="{}" text-anchor="middle" dominant-baseline="central">{}</text>')
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
            ' aria-label="{words}"><title>{words}</title>'
            '<rect width="{w}" height="{h}" rx="4" fill="{left}"/>'
            '<path d="M{first} 0h{inner}a4 4 0 0 1 4 4v{side}a4 4 0 0 1 -4 4h-{inner}z" fill="{right}"/>'
            '<g fill="#fff" font-family="system-ui, sans-serif" font-size="12">'
        ).format(
            w=width, h=_HEIGHT, words=words, left=_LEFT, right=_RIGHT, first=first,
            inner=second - 4, side=_HEIGHT - 8,
        )
        + text.format(first / 2, middle, label)
        + text.format(first + second / 2, middle, value)
        + Markup("</g></svg>")
    )  # fmt: skip
