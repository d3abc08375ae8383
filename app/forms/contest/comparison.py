"""What people compare by pairs, and who."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from ideas.contest.pairs import Compared


class OpenComparisonForm(FlaskForm):
    compared = RadioField(
        _l("What is compared"),
        choices=[
            SelectChoice(Compared.IDEAS.value, _l("Ideas")),
            SelectChoice(Compared.THEMES.value, _l("Themes")),
        ],
        default=Compared.IDEAS.value,
    )
    by = RadioField(
        _l("Who compares"),
        choices=[
            SelectChoice("everyone", _l("Everyone who takes part")),
            SelectChoice("jury", _l("The jury only")),
        ],
        default="everyone",
    )
