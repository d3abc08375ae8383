"""What a person wants by mail."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from app.text.notices.notice import kind_label
from ideas.outreach.notice import BY_MAIL, NoticeKind


class ChooseMailForm(FlaskForm):
    kinds = SelectMultipleField(
        _l("What to email me about"),
        coerce=NoticeKind,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, *, chosen: list[NoticeKind]) -> None:
        super().__init__(data={"kinds": chosen})
        self.kinds.choices = [(kind.value, kind_label(kind)) for kind in BY_MAIL]
