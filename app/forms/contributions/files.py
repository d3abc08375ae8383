"""Photos and documents in the form of an idea: those that are there, one that waits or comes, and what each shows."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, Field

from app.forms.text import LineField
from app.web.pages.language import gettext
from ideas.contributions.files.change import FileChanges, IdeaFilesTooLarge, TooManyIdeaFiles
from ideas.contributions.files.idea_file import MAX_ALTERNATIVE_LENGTH, IdeaFile, in_words
from ideas.errors import DomainError

DESCRIBED, LEFT = "alternative_", "take_off_"
# The button that sends a file and goes on writing.
ADDS = "add_file"


class WithFilesForm(FlaskForm):
    """The form of an idea, or of evidence, to which files can be added. See `with_files`."""

    new_file = FileField(_l("Photo or document"))
    new_alternative = LineField(
        _l("What the photo shows"),
        max_length=MAX_ALTERNATIVE_LENGTH,
        description=_l("For people who can’t see it, for example: “The bench in front of the school, without shade.”"),
    )
    # Those that are there, then those that wait for this form.
    files: Sequence[IdeaFile] = ()
    # Sentences by the name of the control that was refused.
    refused_files: Mapping[str, str] = {}
    # What is refused where there are more files, or larger ones, than it can have.
    too_many: type[DomainError] = TooManyIdeaFiles
    too_large: type[DomainError] = IdeaFilesTooLarge

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        self.show_refused_files()
        return is_valid and not self.refused_files

    def show_refused_files(self) -> None:
        for name, sentence in self.refused_files.items():
            self[name].errors = [*self[name].errors, sentence]

    def file_changes(self, *, removes: bool = True) -> FileChanges | None:
        """What was sent about files; None for a form without any. `removes`: false while somebody goes on writing."""
        if not self.files:
            return None
        return FileChanges(
            added={one.file_id for one in self.files if one.idea_id is None},
            removed={one.file_id for one in self.files if self[f"{LEFT}{one.file_id}"].data} if removes else (),
            alternatives={one.file_id: control.data or "" for one, control in self.described_files()},
        )

    @property
    def staying_files(self) -> list[IdeaFile]:
        """The files that the idea has once this form is accepted."""
        return [one for one in self.files if not self[f"{LEFT}{one.file_id}"].data]

    def files_in_words(self) -> list[str]:
        """The files that stay: their names, and what was typed of what they show."""
        said = {one.file_id: control.data for one, control in self.described_files()}
        return [in_words(one.file.name, said.get(one.file_id, "")) for one in self.staying_files]

    def said_of_files(self) -> dict[str, Any]:
        """What was typed and ticked of each file, by the name of its control."""
        typed = (DESCRIBED, LEFT)
        return {name: control.data for name, control in self._fields.items() if name.startswith(typed)}

    def described_files(self) -> list[tuple[IdeaFile, Field]]:
        """The pictures that stay, each with the control that says what it shows."""
        return [(one, self[f"{DESCRIBED}{one.file_id}"]) for one in self.staying_files if one.file.is_picture]


AnyForm = TypeVar("AnyForm", bound=WithFilesForm)


def with_files(form: type[AnyForm], files: Sequence[IdeaFile], refused: Mapping[str, str]) -> type[AnyForm]:
    """The form with controls for each of these files."""
    controls: dict[str, Any] = {"files": files, "refused_files": refused}
    for one in files:
        if one.file.is_picture:
            label = gettext("What “%(name)s” shows", name=one.file.name)
            controls[f"{DESCRIBED}{one.file_id}"] = LineField(
                label, max_length=MAX_ALTERNATIVE_LENGTH, default=one.alternative
            )
        controls[f"{LEFT}{one.file_id}"] = BooleanField(gettext("Take “%(name)s” off", name=one.file.name))
    return type(form.__name__, (form,), controls)
