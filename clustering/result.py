"""Assembles the result types of a run: themes, ideas and the hierarchy, with numbers rounded to DIGITS."""

from collections import Counter
from collections.abc import Sequence
from typing import cast

import numpy as np

from clustering.arrays import LEFT, Ints, Vectors
from clustering.grouping.units import Found
from clustering.layout.picture import Picture
from clustering.outline import RunLabels
from clustering.quality.cohesion import Mass, cohesion
from clustering.quality.explanations import languages, nearest_ideas
from clustering.quality.warnings import warnings_of
from clustering.text.duplicates import UniqueTexts
from clustering.tracking.assignment import Placed
from clustering.types import DIGITS, FoundTheme, Leftover, Near, Node, PlacedIdea, PlacedPassage

MAX_NEIGHBOURS = 3  # ideas named for each idea


def themes_of(
    unique: UniqueTexts,
    centred: Vectors,
    placed: Placed,
    labels: RunLabels,
    picture: Picture,
    passages: Sequence[Sequence[PlacedPassage]],
) -> tuple[FoundTheme, ...]:
    """Returns the themes, the largest first. `centred`: (m, d) float32 unit rows of the unique texts, centred.

    `passages`: of each row, those that count.
    """
    members = placed.members()
    counted = [_text_counts(unique, rows) for rows in members]
    cohesions = [round(cohesion(centred[texts], weights.astype(np.float64)), DIGITS) for texts, weights in counted]
    asked_for = Counter(theme for of_row in passages for theme in {passage.theme for passage in of_row})
    warned = warnings_of([len(rows) for rows in members], cohesions)
    themes = [
        FoundTheme(
            id=theme,
            name=labels.themes[place].name,
            phrases=labels.themes[place].phrases,
            size=len(members[place]),
            cohesion=cohesions[place],
            exemplars=labels.themes[place].exemplars,
            x=round(float(picture.centres[place, 0]), DIGITS),
            y=round(float(picture.centres[place, 1]), DIGITS),
            family=labels.family_of[place],
            parts=labels.parts[place],
            languages=languages([unique.langs[text] for text in counted[place][0]], counted[place][1]),
            apart=labels.apart[place],
            warnings=warned[place],
            counted=asked_for[theme],
            definition=labels.themes[place].definition,
            other_names=labels.themes[place].other_names,
            copies=int(counted[place][1].sum()) - len(counted[place][1]),
        )
        for place, theme in enumerate(placed.ids)
    ]
    return tuple(sorted(themes, key=lambda theme: (-theme.size, theme.id)))


def _leftover(unique: UniqueTexts, placed: Placed, row: int) -> Leftover:
    return unique.residue[row] or (Leftover.AMBIGUOUS if placed.ambiguous[row] else Leftover.OUTLIER)


def _text_counts(unique: UniqueTexts, rows: Ints) -> tuple[Ints, Ints]:
    """Returns the unique texts of some rows, and how many of the rows share each."""
    texts, weights = np.unique(unique.index_of[rows], return_counts=True)
    return texts[texts >= 0], weights[texts >= 0]


def nodes_of(unique: UniqueTexts, centred: Vectors, found: Found, labels: RunLabels) -> tuple[Node, ...]:
    """Returns the hierarchy, leaves first. `centred`: as in themes_of.

    The cohesion of a node is computed from those of its parts: see cohesion.Mass.
    """
    nodes = []
    masses: list[Mass | None] = [None] * len(found.tree.parents)
    for node, rows in enumerate(found.under()):
        mass = masses[node]
        if mass is None:  # a leaf
            texts, weights = _text_counts(unique, rows)
            mass = Mass.of(centred[texts], weights.astype(np.float64))
        parent = found.tree.parents[node]
        if parent is not None:
            so_far = masses[parent]
            masses[parent] = mass if so_far is None else so_far + mass
        label = labels.nodes[node]
        nodes.append(
            Node(
                parent=parent,
                height=round(found.tree.heights[node], DIGITS),
                size=len(rows),
                name=label.name if label else "",
                phrases=label.phrases if label else (),
                cohesion=round(mass.cohesion(), DIGITS),
                exemplars=label.exemplars if label else (),
            )
        )
    return tuple(nodes)


def ideas_of(
    unique: UniqueTexts,
    found: Found,
    placed: Placed,
    labels: RunLabels,
    picture: Picture,
    passages: Sequence[Sequence[PlacedPassage]],
) -> tuple[PlacedIdea, ...]:
    """Returns one entry for each row of the input, in its order. `passages`: of each row, those that count."""
    strengths = np.round(placed.strengths.strength.astype(np.float64), DIGITS).tolist()
    owns = np.round(placed.strengths.own.astype(np.float64), DIGITS).tolist()
    points = np.round(picture.points, DIGITS).tolist()
    leaves = cast("Ints", found.rows(found.tree.leaf_of, LEFT)).tolist()
    alike = nearest_ideas(found.near, found.unit_of, found.first, placed.labels, MAX_NEIGHBOURS)
    ideas = []
    for row, place in enumerate(placed.labels.tolist()):
        nearest = tuple(
            Near(placed.ids[at], strength)
            for at, strength in zip(placed.strengths.nearest[row].tolist(), strengths[row], strict=True)
            if strength > 0
        )
        left = place == LEFT
        ideas.append(
            PlacedIdea(
                theme=None if left else placed.ids[place],
                leftover=_leftover(unique, placed, row) if left else None,
                nearest=nearest,
                strength=owns[row] if not left else nearest[0].strength if nearest else 0.0,
                x=points[row][0],
                y=points[row][1],
                node=leaves[row] if leaves[row] >= 0 else None,
                neighbours=alike[row],
                shared=labels.shared[row],
                passages=tuple(passages[row]),
                same_as=unique.same_as(row),
            )
        )
    return tuple(ideas)
