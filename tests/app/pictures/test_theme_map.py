import re
from dataclasses import replace
from itertools import combinations
from math import hypot
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pictures.map.geometry import HEIGHT, WIDTH, covered
from app.pictures.map.label import MAX_COVERED, place_names, place_sizes
from app.pictures.map.theme_map import GAP, TONES, draw_map, radii, settle, tones
from clustering.types import Leftover

share = st.floats(0, 1, allow_nan=False)
places = st.lists(st.tuples(share, share), max_size=25)


def themes_at(*spots, name="Night buses"):
    return [SimpleNamespace(id=number, name=name, x=x, y=y) for number, (x, y) in enumerate(spots, start=1)]


def placed_in(*sizes):
    return [(number, None, 0.5, 0.5) for number, size in enumerate(sizes, start=1) for _ in range(size)]


def address(theme_id):
    return f"/themes/{theme_id}"


def dots_of(path):
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?\d+) ?(-?\d+)h0", path)]


def dots_on(island):
    """Where the dots of an island are on the map: they are written from its middle."""
    return [(island.x + x, island.y + y) for x, y in dots_of(island.dots)]


def test_every_idea_is_a_dot_on_its_island_or_in_the_sea():
    placements = [
        *placed_in(30, 5),
        (None, Leftover.OUTLIER, 0.1, 0.9),
        (None, Leftover.OUTLIER, 0.9, 0.9),
        (None, Leftover.AMBIGUOUS, 0.5, 0.5),
    ]
    drawn = draw_map(placements, themes_at((0.2, 0.2), (0.7, 0.6)), address)
    assert [(island.id, island.size, island.url) for island in drawn.themes] == [
        (1, 30, "/themes/1"),
        (2, 5, "/themes/2"),
    ]
    for island in drawn.themes:
        dots = dots_on(island)
        assert len(set(dots)) == island.size
        assert all(hypot(x - island.x, y - island.y) < island.r for x, y in dots)
    assert [(round(x, -2), round(y, -2)) for x, y in dots_of(drawn.outliers)] == [(100, 600), (900, 600)]
    assert len(dots_of(drawn.ambiguous)) == 1


def test_an_idea_that_an_island_covers_is_drawn_on_the_water_beside_it():
    drawn = draw_map([*placed_in(20), (None, Leftover.OUTLIER, 0.5, 0.5)], themes_at((0.5, 0.5)), address)
    (island,), ((x, y),) = drawn.themes, dots_of(drawn.outliers)
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


LONG = "Gratuité des transports en commun"


def crowd(name=LONG):
    """Thirty-six islands over the whole picture, from large to small."""
    spots = [(number % 6 / 5, number // 6 / 5) for number in range(36)]
    return draw_map(placed_in(*range(108, 0, -3)), themes_at(*spots, name=name), address).themes


@pytest.mark.parametrize("which", ["label", "phone_label"])
@pytest.mark.parametrize("name", [LONG, "Vélos"])
def test_names_never_lie_on_each_other_and_stay_in_the_picture(which, name):
    islands = crowd(name)
    labels = [label for island in islands if (label := getattr(island, which))]
    assert getattr(islands[0], which), "the largest keeps its name"
    assert 3 < len(labels) <= 36
    for left, top, right, bottom in (label.box for label in labels):
        assert left >= 0
        assert top >= 0
        assert right <= WIDTH
        assert bottom <= HEIGHT
    for one, other in combinations(labels, 2):
        assert one.box[2] <= other.box[0] or other.box[2] <= one.box[0] or (
            one.box[3] <= other.box[1] or other.box[3] <= one.box[1]
        )  # fmt: skip


def test_an_island_without_space_for_its_name_shows_its_number_of_ideas():
    islands = crowd()
    assert any(island.size_label for island in islands)
    for island in islands:
        assert not (island.label and island.size_label)
        if island.size_label:
            assert island.size_label.lines == (str(island.size),)


def test_a_small_map_shows_the_number_of_ideas_where_a_name_does_not_fit():
    islands = crowd("Vélos")
    numbers = [island for island in islands if island.phone_size]
    assert numbers
    written = [island.phone_label or island.phone_size for island in islands]
    for one, other in combinations([label.box for label in written if label], 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for island in numbers:
        assert island.phone_label is None
        assert island.phone_size.lines == (str(island.size),)
        assert island.phone_size.box[2] - island.phone_size.box[0] <= 2 * island.r


@pytest.mark.parametrize("name", [LONG, "Vélos"])
def test_no_name_lies_over_a_dot(name):
    islands = crowd(name)
    dots = [dot for island in islands for dot in dots_on(island)]
    for left, top, right, bottom in (island.label.box for island in islands if island.label):
        # A dot is written as whole numbers.
        assert not [(x, y) for x, y in dots if left + 1 < x < right - 1 and top + 1 < y < bottom - 1]
    for island in islands:
        assert len(dots_of(island.dots)) == island.size


def test_names_and_numbers_leave_room_for_the_dots_of_every_island():
    sizes = [round(400 * 0.93**place) for place in range(52)]
    spots = [(place % 8 / 7 * WIDTH, place // 8 / 6 * HEIGHT) for place in range(52)]
    circles = settle(spots, radii(sizes))
    names = place_names([LONG] * 52, circles)
    numbers = place_sizes(sizes, circles, names)
    assert any(numbers)
    written = [label.box for label in (*names, *numbers) if label]
    assert max(covered(circle, written) for circle in circles) <= MAX_COVERED


def test_a_leftover_is_drawn_beside_a_name_not_under_it():
    sea = [(None, Leftover.OUTLIER, x / 40, y / 40) for x in range(41) for y in range(41)]
    drawn = draw_map([*placed_in(2, 500), *sea], themes_at((0.2, 0.5), (0.7, 0.5), name=LONG), address)
    drawn = replace(drawn, themes=drawn.themes[1:])
    left, top, right, bottom = drawn.themes[0].label.box
    assert drawn.themes[0].label.at_sea
    assert not [(x, y) for x, y in dots_of(drawn.outliers) if left + 1 < x < right - 1 and top + 1 < y < bottom - 1]
    assert len(dots_of(drawn.outliers)) == len(sea)


def test_a_long_name_is_broken_into_lines_that_stay_in_the_picture():
    name = "Transports en commun en zone rurale"
    drawn = draw_map(placed_in(3), themes_at((0.0, 0.5), name=name), address)
    for label in (drawn.themes[0].label, drawn.themes[0].phone_label, drawn.themes[0].pointed_at):
        assert " ".join(label.lines) == name
        assert len(label.lines) > 1
        assert label.box[0] >= 0


def test_a_name_is_written_beside_its_island_rather_than_cut_to_fit_on_it():
    name = "Actes vers la facture automatiquement"
    large, small = draw_map(placed_in(120, 9), themes_at((0.2, 0.2), (0.7, 0.6), name=name), address).themes
    assert not large.label.at_sea
    assert small.label.at_sea
    assert " ".join(small.label.lines) == " ".join(large.label.lines) == name


def test_a_theme_without_a_name_is_drawn_too():
    (island,) = draw_map(placed_in(3), themes_at((0.5, 0.5), name=""), address).themes
    assert island.label.lines == ()
