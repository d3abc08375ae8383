"""Every column that refers to a person is in the register."""

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import ideas
from app.text.documents.register import register_document
from ideas.base import Base
from ideas.privacy.register import NOT_PERSONAL, REGISTER

DOCUMENT = Path(__file__).parents[3] / "docs" / "personal-data.md"
# Names of columns that could hold a person, an address or a name.
WHO = r"(person|author|owner|reporter|assignee|respondent|actor)(_id)?$"
TELLING = re.compile(rf"{WHO}|_by(_id)?$|mail|address|author_name|subject$")
for module in pkgutil.walk_packages(ideas.__path__, "ideas."):
    import_module(module.name)  # every table is known


def test_no_column_that_refers_to_a_person_is_missing():
    """A foreign key to a person, or a name that says so: in the register, or named as harmless with a reason."""
    declared = {line.name for line in REGISTER}
    missing = [
        name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if (name := f"{table.name}.{column.name}") not in declared | set(NOT_PERSONAL)
        and (any(key.target_fullname == "person.id" for key in column.foreign_keys) or TELLING.search(column.name))
    ]
    # Indexes of search go with their rows.
    assert [name for name in missing if not name.endswith("_words.id")] == []


def test_the_register_names_columns_that_exist():
    for line in REGISTER:
        columns = Base.metadata.tables[line.table].columns
        assert {line.column, *line.empties, *line.hidden} <= set(columns.keys()), line.name
    assert len({line.name for line in REGISTER}) == len(REGISTER)
    assert all(line.what and line.why and line.kept_for for line in REGISTER)


def test_the_document_is_the_register():
    written = DOCUMENT.read_text("utf-8")
    assert written == register_document(), "run: flask --app app personal-data > docs/personal-data.md"
