"""The accent colour can be read in both appearances; the logo is a file of its own."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ideas.activity.version import ChangedMeanwhile
from ideas.files import File, Purpose, Upload
from ideas.media_type import WEBP
from ideas.organisation.appearance import (
    GROUNDS,
    INK,
    MIN_CONTRAST,
    Appearance,
    NotAColour,
    TooDark,
    TooPale,
    check_accent,
    contrast,
    least_contrast,
    logo_of,
    remove_logo,
    reset_accent,
    set_accent,
    set_logo,
)
from ideas.organisation.organisation import the_organisation

TOKENS = Path(__file__).parents[3] / "app" / "assets" / "css" / "tokens.css"


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_is_what_wcag_measures(one, other, expected):
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_the_grounds_are_those_of_the_style_sheet():
    written = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", TOKENS.read_text("utf-8")))
    for place, appearance in enumerate(Appearance):
        assert GROUNDS[appearance] == tuple(written[name].split(", ")[place] for name in ("paper", "surface", "sunken"))
        assert INK[appearance] == written["ink"].split(", ")[place]
        assert least_contrast(written["accent"].split(", ")[place], appearance) >= MIN_CONTRAST


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#1234567", "url(x)", "#0b6066;}", "#０b6066"])
def test_what_is_no_colour_is_refused(colour):
    with pytest.raises(NotAColour):
        check_accent(colour, Appearance.LIGHT)


def test_a_colour_that_is_hard_to_read_is_refused_with_one_that_is_not():
    with pytest.raises(TooPale) as pale:
        check_accent("#ffcc00", Appearance.LIGHT)
    assert least_contrast(pale.value.values["suggestion"], Appearance.LIGHT) >= MIN_CONTRAST
    with pytest.raises(TooDark) as dark:
        check_accent("#0b6066", Appearance.DARK)
    assert least_contrast(dark.value.values["suggestion"], Appearance.DARK) >= MIN_CONTRAST


@given(some.integers(0, 0xFFFFFF), some.sampled_from(Appearance))
def test_every_colour_is_readable_or_refused_with_a_readable_one(number, appearance):
    colour = f"#{number:06x}"
    if least_contrast(colour, appearance) >= MIN_CONTRAST:
        assert check_accent(colour.upper(), appearance) == colour
        return
    with pytest.raises((TooPale, TooDark)) as refused:
        check_accent(colour, appearance)
    assert refused.value.values["contrast"] < MIN_CONTRAST
    assert check_accent(refused.value.values["suggestion"], appearance)


def test_colours_are_set_once_seen_and_reset(session, ada, now):
    set_accent(session, light="#7A1F5C", dark="#f0a0d0", by=ada, now=now, seen=1)
    session.commit()
    assert (the_organisation(session).accent, the_organisation(session).accent_dark) == ("#7a1f5c", "#f0a0d0")
    with pytest.raises(ChangedMeanwhile):
        set_accent(session, light="#000000", dark="#ffffff", by=ada, now=now, seen=1)
    session.rollback()
    reset_accent(session, by=ada, now=now)
    session.commit()
    assert the_organisation(session).accent is None


def test_a_new_logo_replaces_the_one_before(session, ada, now):
    def choose(name):
        return set_logo(session, Upload(name, WEBP, b"RIFF"), stored_as=f"aa/{name}", by=ada, now=now)

    assert choose("a.webp") is None
    session.commit()
    first = the_organisation(session).logo_id
    assert logo_of(session, first).purpose is Purpose.LOGO
    assert choose("b.webp") == "aa/a.webp"
    session.commit()
    assert logo_of(session, first) is None
    assert remove_logo(session, by=ada, now=now) == "aa/b.webp"
    session.commit()
    assert the_organisation(session).logo_id is None
    assert remove_logo(session, by=ada, now=now) is None


def test_another_file_is_no_logo(session, campaign):
    assert isinstance(campaign.portrait, File)
    assert logo_of(session, campaign.portrait_id) is None
