import re
from itertools import combinations
from math import hypot
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.theme_map import GAP, HEIGHT, TONES, WIDTH, draw_map, radii, settle, tones
from ideas.theme import Leftover

share = st.floats(0, 1, allow_nan=False)
places = st.lists(st.tuples(share, share), max_size=25)


def themes_at(*spots, name="Night buses"):
    return [SimpleNamespace(id=number, name=name, x=x, y=y) for number, (x, y) in enumerate(spots, start=1)]


def placed_in(*sizes):
    return [(number, None, 0.5, 0.5) for number, size in enumerate(sizes, start=1) for _ in range(size)]


def address(theme_id):
    return f"/themes/{theme_id}"


def dots_of(path):
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?\d+) (-?\d+)h0", path)]


def test_every_idea_is_a_dot_on_its_island_or_in_the_sea():
    placements = [
        *placed_in(30, 5),
        (None, Leftover.ALONE, 0.1, 0.9),
        (None, Leftover.ALONE, 0.9, 0.9),
        (None, Leftover.BETWEEN, 0.5, 0.5),
    ]
    drawn = draw_map(placements, themes_at((0.2, 0.2), (0.7, 0.6)), address)
    assert [(island.id, island.size, island.url) for island in drawn.themes] == [
        (1, 30, "/themes/1"),
        (2, 5, "/themes/2"),
    ]
    for island in drawn.themes:
        dots = dots_of(island.dots)
        assert len(set(dots)) == island.size
        assert all(hypot(x - island.x, y - island.y) < island.r for x, y in dots)
    assert [(round(x, -2), round(y, -2)) for x, y in dots_of(drawn.alone)] == [(100, 600), (900, 600)]
    assert len(dots_of(drawn.between)) == 1


def test_an_idea_that_an_island_covers_is_drawn_on_the_water_beside_it():
    drawn = draw_map([*placed_in(20), (None, Leftover.ALONE, 0.5, 0.5)], themes_at((0.5, 0.5)), address)
    (island,), ((x, y),) = drawn.themes, dots_of(drawn.alone)
    assert hypot(x - island.x, y - island.y) >= island.r


def test_a_theme_without_ideas_is_no_island():
    assert draw_map([], themes_at((0.5, 0.5)), address).themes == ()


def test_the_same_input_gives_the_same_picture():
    placements, themes = placed_in(9, 4, 7), themes_at((0.4, 0.4), (0.5, 0.4), (0.6, 0.8))
    assert draw_map(placements, themes, address) == draw_map(placements, list(reversed(themes)), address)


def test_the_area_of_an_island_follows_its_size():
    small, large, *_others = radii([10, 40, 50, 50])
    assert large == pytest.approx(2 * small)


@given(places)
def test_islands_lie_within_the_picture_and_never_on_each_other(spots):
    points = [(x * WIDTH, y * HEIGHT) for x, y in spots]
    circles = settle(points, radii([1 + 7 * number for number in range(len(spots))]))
    for x, y, r in circles:
        assert r <= x <= WIDTH - r
        assert r <= y <= HEIGHT - r
    for (ax, ay, ar), (bx, by, br) in combinations(circles, 2):
        assert hypot(ax - bx, ay - by) >= ar + br - 1e-6


def test_a_theme_that_was_split_off_in_the_middle_of_another_moves_beside_it():
    drawn = draw_map(placed_in(60, 20), themes_at((0.5, 0.5), (0.5, 0.5)), address)
    one, other = drawn.themes
    assert hypot(one.x - other.x, one.y - other.y) >= one.r + other.r + GAP / 2
    assert one.r > other.r > 40


@given(places)
def test_neighbours_differ_in_tone(spots):
    themes = themes_at(*spots)
    given_tones = tones(themes)
    assert len(set(given_tones.values())) == min(len(themes), TONES)
    for theme in themes[1:]:
        earlier = [other for other in themes if other.id < theme.id]
        nearest = min(earlier, key=lambda other: hypot((theme.x - other.x) * WIDTH, (theme.y - other.y) * HEIGHT))
        assert given_tones[theme.id] != given_tones[nearest.id]


def test_a_new_theme_does_not_repaint_the_others():
    themes = themes_at(*[(number / 20, (number * 7 % 20) / 20) for number in range(20)])
    before = tones(themes[:-1])
    assert before.items() <= tones(themes).items()


def test_names_never_lie_on_each_other_and_the_largest_keeps_its_own():
    spots = [(number % 8 / 8, number // 8 / 8) for number in range(64)]
    drawn = draw_map(placed_in(*range(64, 0, -1)), themes_at(*spots, name="Gratuité des transports en commun"), address)
    shown = [island for island in drawn.themes if island.shows_name]
    assert drawn.themes[0].shows_name
    assert 3 < len(shown) < 64
    for one, other in combinations(shown, 2):
        wide = max(map(len, one.lines)) * 4 + max(map(len, other.lines)) * 4
        high = 8 * (len(one.lines) + len(other.lines))
        assert abs(one.name_x - other.name_x) > wide or abs(one.name_y - other.name_y) > high


def test_a_long_name_is_broken_into_lines_that_stay_in_the_picture():
    name = "Transports en commun en zone rurale et navettes de campagne"
    drawn = draw_map(placed_in(3), themes_at((0.0, 0.5), name=name), address)
    (island,) = drawn.themes
    assert " ".join(island.lines) == name
    assert len(island.lines) > 1
    assert island.name_x > max(map(len, island.lines)) * 4


def test_a_theme_without_a_name_is_drawn_too():
    (island,) = draw_map(placed_in(3), themes_at((0.5, 0.5), name=""), address).themes
    assert island.lines == ()
