"""Which ideas lie in an area of the map."""

from app.pictures.map.area import ideas_in_area, read_area, seated
from app.pictures.map.theme_map import draw_map
from clustering.types import Leftover
from ideas.themes.card import PlacedDot
from ideas.themes.theme import Theme


def test_each_idea_has_a_dot_the_most_typical_in_the_middle_of_its_island():
    dots = [PlacedDot(n, 1 + n % 2, None, 1 - n / 100, 0.2 + n / 500, 0.5) for n in range(40)]
    dots += [
        PlacedDot(40, None, Leftover.OUTLIER, 0.0, 0.05, 0.05),
        PlacedDot(41, None, Leftover.AMBIGUOUS, 0, 0.5, 0.9),
    ]
    themes = [Theme(id=n, found_name=f"Theme {n}", x=n / 3, y=0.5) for n in (1, 2)]
    placements = [(dot.theme_id, dot.leftover, dot.x, dot.y) for dot in dots]
    drawn = draw_map(placements, themes, str, {1: 25})  # five of them count there by a passage
    places = dict(seated(drawn, dots))
    assert places.keys() == set(range(42))
    island = next(one for one in drawn.themes if one.id == 1)
    far = {n: abs(complex(places[n][0] - island.x, places[n][1] - island.y)) for n in range(0, 40, 2)}
    assert max(far[n] for n in (0, 2, 4)) < min(far[n] for n in (34, 36, 38))
    assert all(distance < island.r for distance in far.values())
    whole = read_area("0000rs00rsjg00jg")
    assert sorted(ideas_in_area(drawn, dots, whole)) == list(range(42))
    x, y, r = int(island.x), int(island.y), int(island.r) + 9
    around = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
    assert set(range(0, 40, 2)) <= set(ideas_in_area(drawn, dots, around))
    assert 40 not in ideas_in_area(drawn, dots, around)


def test_an_address_that_is_no_area_has_no_corners():
    assert read_area("0000rs00rsjg") == ((0, 0), (1000, 0), (1000, 700))
    for text in ("", "00000000", "0000" * 49, "0000rs00rsj", "0000RS00rsjg", "0000rs00rs-1", "٠٠٠٠" * 3):
        assert read_area(text) == ()
