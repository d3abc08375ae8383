"""Two ideas that say the same are merged: by a moderator, or as an author proposes it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice
from wtforms.validators import InputRequired

from app.forms.personal_data import PublicTextForm
from app.forms.text import ParagraphField, WholeNumberField
from ideas.activity.activity import MAX_REASON_LENGTH

THIS, OTHER = "this", "other"


class _ChooseForm(FlaskForm):
    """`other`: the number of an idea, whichever the page offered: whether it may be merged is for `ideas` to say."""

    other = WholeNumberField(_l("The other idea"), validators=[InputRequired(_l("Choose the other idea."))])


class MergeIdeasForm(_ChooseForm):
    keep = RadioField(
        _l("Which idea is kept?"),
        choices=[
            SelectChoice(OTHER, _l("The other one, and this one is merged into it")),
            SelectChoice(THIS, _l("This one, and the other is merged into it")),
        ],
        default=OTHER,
        validators=[InputRequired(_l("Choose which idea is kept."))],
    )
    reason = ParagraphField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Give the reason. The authors read it."),
        description=_l("The authors read it. Everyone reads it on the page of the idea."),
    )

    @property
    def keeps_this(self) -> Any:
        return self.keep.data == THIS


class ProposeMergeForm(_ChooseForm, PublicTextForm):
    reason = ParagraphField(
        _l("Your message to the other author"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Tell the other author why."),
        description=_l("If they agree, everyone reads it on the page of the idea."),
    )

    def texts(self) -> Sequence[Field]:
        return [self.reason]
