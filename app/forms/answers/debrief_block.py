"""One block of a debrief, by its kind, and what is done to the list of blocks."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Optional
from wtforms.widgets import HiddenInput

from app.forms.text import LineField, MaxLength, ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.answers.debriefs.blocks import MAX_WORDS_LENGTH, Block, BlockKind, Chart, make_block
from ideas.answers.debriefs.debrief import MAX_BODY_LENGTH
from ideas.campaigns.campaign import MAX_URL_LENGTH
from ideas.campaigns.promise import NotAVideoLink, video_link
from ideas.errors import DomainError
from ideas.media_type import FileRefused

NEW_FILE = 0
CHART_NAMES = {
    Chart.THEMES: _l("Ideas in the largest themes"),
    Chart.ANSWERS: _l("Themes by answer"),
    Chart.REACTIONS: _l("Reactions to the ideas"),
}


class ArrangeForm(VersionedForm):
    """Move a block, remove one or put it back. The button that was used has the place and the key of its block."""

    change_reason = TextAreaField(
        _l("Why you change the debrief"),
        description=_l("The debrief is published. Everyone can read this reason and the earlier text."),
        validators=[MaxLength(MAX_REASON_LENGTH)],
    )
    source = HiddenField()


class BlockForm(VersionedForm):
    """A block that has nothing to fill in. `place` and `key`: of the block that the form was opened with; `others`: the
    mark of the blocks around it, see `mark_of_others`.
    """

    place = WholeNumberField(widget=HiddenInput(), default=0, validators=[Optional()])
    key = HiddenField(default="")
    others = HiddenField(default="")
    change_reason = TextAreaField(
        _l("Why you change the debrief"),
        description=_l("The debrief is published. Everyone can read this reason and the earlier text."),
        validators=[MaxLength(MAX_REASON_LENGTH)],
    )

    @property
    def filled(self) -> dict[str, str]:
        """What `make_block` takes."""
        return {}

    @property
    def filled_fields(self) -> list[str]:
        """The names of the fields that a block fills."""
        return [name for name in ("text", "theme", "chart", "stored", "url", "words") if name in self]

    @property
    def file_fields(self) -> dict[type[DomainError], Field]:
        """Beside which field the page says that a file is refused."""
        return {FileRefused: self["file"]} if "file" in self else {}

    def show(self, block: Block) -> None:
        """Fill the form with what the block has."""

    def values_of(self, _block: Block) -> dict[str, Any]:
        """What the block has by the names of the form's fields, to be compared with what was typed."""
        return {}


class TextBlockForm(BlockForm):
    text = ParagraphField(
        _l("Text"),
        max_length=MAX_BODY_LENGTH,
        required=_l("Write the text first."),
        description=_l(
            "Type ## before a heading, - before a list item, and **two stars** around bold text."
            " Each ## heading begins a block of its own."
        ),
    )

    @property
    def filled(self) -> dict[str, str]:
        return {"text": self.text.data}

    def show(self, block: Block) -> None:
        self.text.data = block.text

    def values_of(self, block: Block) -> dict[str, Any]:
        return {"text": block.text}


class QuotationBlockForm(TextBlockForm):
    text = ParagraphField(
        _l("Words of an idea"),
        max_length=MAX_BODY_LENGTH,
        required=_l("Enter the words first."),
        description=_l("Copy them from the idea. Type … where you leave something out. The page links to the idea."),
    )


class ThemeBlockForm(BlockForm):
    theme = SelectField(_l("Theme"), coerce=int, validators=[InputRequired(_l("Choose a theme."))])

    @property
    def filled(self) -> dict[str, str]:
        return {"argument": str(self.theme.data)}

    def show(self, block: Block) -> None:
        self.theme.data = block.number

    def values_of(self, block: Block) -> dict[str, Any]:
        return {"theme": block.argument}


class ChartBlockForm(BlockForm):
    chart = RadioField(
        _l("What the chart shows"),
        choices=[SelectChoice(chart.value, name) for chart, name in CHART_NAMES.items()],
        default=Chart.THEMES.value,
        validators=[DataRequired(_l("Choose a chart."))],
    )

    @property
    def filled(self) -> dict[str, str]:
        return {"argument": self.chart.data}

    def show(self, block: Block) -> None:
        self.chart.data = block.argument

    def values_of(self, block: Block) -> dict[str, Any]:
        return {"chart": block.argument}


class FileBlockForm(BlockForm):
    """`stored`: one that the debrief has already; `file`: a new one."""

    stored = SelectField(_l("File of this debrief"), coerce=int, default=NEW_FILE)
    file = FileField(_l("File to add"))
    words = LineField(_l("Name of the link"), max_length=MAX_WORDS_LENGTH)

    def validate_file(self, field: FileField) -> None:
        if self.stored.data == NEW_FILE and not field.data:
            raise ValidationError(_l("Choose a file first."))

    @property
    def filled(self) -> dict[str, str]:
        return {"argument": str(self.stored.data), "words": self.words.data}

    def show(self, block: Block) -> None:
        self.stored.data, self.words.data = block.number, block.words

    def values_of(self, block: Block) -> dict[str, Any]:
        return {"stored": block.argument, "words": block.words}


class ImageBlockForm(FileBlockForm):
    stored = SelectField(_l("Picture of this debrief"), coerce=int, default=NEW_FILE)
    file = FileField(_l("Picture to add"), description=_l("JPEG, PNG or WebP. What the camera noted is removed."))
    words = LineField(
        _l("What the picture shows"),
        max_length=MAX_WORDS_LENGTH,
        required=_l("Say what the picture shows, for people who can’t see it."),
        description=_l("For people who can’t see it."),
    )


class VideoBlockForm(BlockForm):
    url = StringField(
        _l("Address of the video"),
        validators=[InputRequired(_l("Enter the address of the video.")), MaxLength(MAX_URL_LENGTH)],
        description=_l("It starts with https://. The page shows a link; nothing is loaded from the other site."),
    )
    words = LineField(_l("Title of the video"), max_length=MAX_WORDS_LENGTH)

    def validate_url(self, field: StringField) -> None:
        try:
            field.data = video_link(field.data)
        except DomainError:
            raise ValidationError(_l(NotAVideoLink.message)) from None

    @property
    def filled(self) -> dict[str, str]:
        return {"argument": self.url.data, "words": self.words.data}

    def show(self, block: Block) -> None:
        self.url.data, self.words.data = block.argument, block.words

    def values_of(self, block: Block) -> dict[str, Any]:
        return {"url": block.argument, "words": block.words}


FORMS: dict[BlockKind, type[BlockForm]] = {
    BlockKind.TEXT: TextBlockForm,
    BlockKind.QUOTATION: QuotationBlockForm,
    BlockKind.THEME: ThemeBlockForm,
    BlockKind.CHART: ChartBlockForm,
    BlockKind.IMAGE: ImageBlockForm,
    BlockKind.FILE: FileBlockForm,
    BlockKind.VIDEO: VideoBlockForm,
}


def block_of(form: BlockForm, kind: BlockKind, **changed: str) -> Block:
    """The block that the form describes. Raises what `make_block` raises."""
    return make_block(kind, **form.filled | changed)
