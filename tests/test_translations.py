"""The French catalogue: complete, faithful to the sources, and written as French is printed."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
FRENCH = ROOT / "app" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
# What French typography refuses, each with a word for the person who reads the failure.
REFUSED = {
    "a straight apostrophe": re.compile("'"),
    "straight or English quotes": re.compile(r'["“”]'),
    "an opening guillemet without its narrow space": re.compile(f"«(?!{NARROW})"),
    "a closing guillemet without its narrow space": re.compile(f"(?<!{NARROW})»"),
    "; ! or ? without its narrow space": re.compile(rf"(?<![{NARROW};!?])[;!?]"),
    "a colon without its no-break space": re.compile(rf"(?<!{WIDE}):(?!//)"),
    "a percent sign without its narrow space": re.compile(rf"(?<!{NARROW})%%"),
    "three dots instead of an ellipsis": re.compile(r"\.\.\."),
    "two spaces": re.compile(rf"[ {NARROW}{WIDE}]{{2}}"),
}

# Words that the interface does not use: synonyms of its own words, and words of developers.
AVOIDED = {
    "en": r"challenge|cluster|directions?|granularity|launch|leaderboards?|log|machine|markdown|organiser|please"
    r"|respondent|sign up|stands? alone|topics?|undecided|verbatims?|worker|e-mails?",
    "fr": r"clôture|consultation|défis?|directions?|engagements?|finesse|granularité|isolées?|journal|lancement|machine"
    r"|markdown|organisateur|raisons?|sujets?|s’inscrire|veuillez|verbatims?|worker",
}
MAX_WORDS = 25  # in a sentence


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Catalog:
    """What the sources say today."""
    template = tmp_path_factory.mktemp("messages") / "messages.pot"
    extract = ["pybabel", "-q", "extract", "--mapping", str(ROOT / "pyproject.toml"), "--output", str(template)]
    with pytest.MonkeyPatch.context() as here:
        here.chdir(ROOT)
        CommandLineInterface().run([*extract, "."])
    return _read(template)


@pytest.fixture(scope="module")
def french() -> Catalog:
    return _read(FRENCH)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def sides(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The English forms and the French ones."""
    return _forms(message.id), _forms(message.string)


def _forms(words: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _places(words: tuple[str, ...]) -> set[str]:
    return {place for form in words for place in PLACE.findall(form)}


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


@pytest.mark.slow
def test_the_mapping_finds_every_kind_of_source(sources):
    found = {Path(place).parts[0] for message in sources for place, _ in message.locations}
    assert found == {"app", "ideas", "templates"}
    assert len(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]) == len(found)


def test_french_says_all_that_the_sources_say_and_nothing_else(sources, french):
    said = {message.id for message in _messages(sources)}
    known = {message.id for message in _messages(french)}
    assert said == known, "bring the catalogue up to date: make messages"
    assert not french.obsolete


def test_nothing_is_left_untranslated_or_fuzzy(french):
    assert [m.id for m in _messages(french) if m.fuzzy or not all(form.strip() for form in sides(m)[1])] == []


def test_places_to_fill_are_the_same_on_both_sides(french):
    both = {message.id: [_places(side) for side in sides(message)] for message in _messages(french)}
    assert {words: places for words, places in both.items() if places[0] != places[1]} == {}


def test_one_singular_has_one_plural():
    """gettext finds a plural by its singular: with two, one of them would never be shown."""
    plurals = defaultdict(set)
    call = re.compile(r"""ngettext\(\s*(["'])(.+?)\1,\s*(["'])(.+?)\3""")
    for path in [*(ROOT / "templates").rglob("*.*"), *(ROOT / "app").rglob("*.py")]:
        if "node_modules" not in path.parts:
            for found in call.finditer(path.read_text()):
                plurals[found[2]].add(found[4])
    assert len(plurals) > 10
    assert {singular: others for singular, others in plurals.items() if len(others) > 1} == {}


@pytest.mark.parametrize("fault", REFUSED)
def test_typography(french, fault):
    wrong = [form for message in _messages(french) for form in sides(message)[1] if REFUSED[fault].search(form)]
    assert wrong == []


@pytest.mark.parametrize(("language", "side"), [("en", 0), ("fr", 1)])
def test_one_thing_has_one_name(french, language, side):
    avoided = re.compile(rf"\b({AVOIDED[language]})\b", re.IGNORECASE)
    forms = [form for message in _messages(french) for form in sides(message)[side]]
    assert [form for form in forms if avoided.search(form)] == []


@pytest.mark.parametrize("side", [0, 1], ids=["en", "fr"])
def test_sentences_are_short(french, side):
    forms = [form for message in _messages(french) for form in sides(message)[side]]
    sentences = [sentence for form in forms for sentence in re.split(r"(?<=[.!?])\s", form)]
    assert [sentence for sentence in sentences if len(re.findall(r"[^\s:;?!«»]+", sentence)) > MAX_WORDS] == []
