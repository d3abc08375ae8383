"""Documents keep up with the code: links lead somewhere, paths and names exist, the README stays short."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Decisions and the changelog describe the past; the others the present.
CURRENT = [path for path in DOCUMENTS if path.name != "CHANGELOG.md" and "decisions" not in path.parts]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
MAX_README_WORDS = 900
# Made by a build or by the first start: named in documents, not kept in the project.
MADE_LATER = ("instance/", "benchmarks/data/", "benchmarks/results/", "app/static/", "build/")

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
NAME = re.compile(r"[A-Za-z]\w*(?:\.\w+)*")
NAMES_IN_A_FILE = re.compile(r"((?:`[\w.]+`(?:, | and )?)+) in `([\w/]+\.py)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"\bmake ([a-z]+)")


def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    titles = HEADING.findall(prose(document))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def looks_like_a_path(code: str) -> bool:
    """True for `ideas/page.py` and `tests/browser/`, not for `/healthz` or `CSV/XLSX`."""
    if not PATH.fullmatch(code):
        return False
    return code.partition("/")[0] in FOLDERS if "/" in code else code.endswith((".md", ".toml"))


def looks_like_a_name(code: str) -> bool:
    """True for `submit_idea`, `Idea.text` and `ThemeRun`, not for `vote` or `SECRET_KEY`."""
    if not NAME.fullmatch(code) or code.isupper():
        return False
    return "_" in code or "." in code or code != code.lower()


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def document(request) -> Path:
    return request.param


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MAX_README_WORDS


def test_every_link_within_the_project_leads_somewhere(document):
    broken = []
    for link in LINK.findall(prose(document)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_path_in_backticks_exists(document):
    paths = [code for code in CODE.findall(prose(document)) if looks_like_a_path(code)]
    named = [path for path in paths if not path.startswith(MADE_LATER)]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.fixture(scope="module")
def known_words() -> set[str]:
    """Every word of the sources."""
    folders = ("app", "ideas", "clustering", "benchmarks", "tests", "templates")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.suffix in {".py", ".html"}]
    sources = [path for path in sources if path != Path(__file__) and "node_modules" not in path.parts]
    return {word for path in sources for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("document", CURRENT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_name_in_backticks_exists(document, known_words):
    names = [code for code in CODE.findall(prose(document)) if looks_like_a_name(code) and not looks_like_a_path(code)]
    assert [name for name in names if not set(name.split(".")) <= known_words] == []


@pytest.mark.parametrize("document", CURRENT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_are_in_the_file_that_the_document_says(document):
    wrong = []
    for names, path in NAMES_IN_A_FILE.findall(prose(document)):
        words = set(re.findall(r"\w+", (ROOT / path).read_text(encoding="utf-8")))
        wrong += [(name, path) for name in CODE.findall(names) if not set(name.split(".")) <= words]
    assert wrong == []


def test_every_make_command_exists(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    commands = {name for code in [*CODE.findall(text), *FENCE.findall(text)] for name in COMMAND.findall(code)}
    assert commands - targets == set()


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(folder.glob("0*.md")) if f"({path.name})" not in index] == []


def test_every_setting_is_explained():
    settings = (ROOT / "app" / "settings.py").read_text(encoding="utf-8")
    explained = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = set(re.findall(r'environ\.get\("([A-Z_]+)"', settings))
    assert {name for name in names if f"`{name}`" not in explained} == set()


def test_every_claim_about_security_names_a_test():
    """That the named tests exist is checked above."""
    table = [line for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    claims = [line for line in table if not line.startswith("| area")]
    assert [line for line in claims if NAMES_IN_A_FILE.search(line.split("|")[3]) is None] == []
    assert len(claims) > 40
