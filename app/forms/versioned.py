"""Forms of what others may save meanwhile: see app.web.conflicts."""

from flask_wtf import FlaskForm
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from app.forms.text import WholeNumberField
from app.web.pages.rendering import form_status


class VersionedForm(FlaskForm):
    """`version`: of the row that the form was opened with, 0 where there was none."""

    version = WholeNumberField(widget=HiddenInput(), default=0, validators=[Optional()])
    # Set by `refuse`: somebody saved another version since the form was opened.
    changed_meanwhile = False

    @property
    def seen(self) -> int:
        """The version that the person saw. A form without one saw none."""
        return self.version.data or 0

    @property
    def http_status(self) -> int:
        """The status of the page that shows this form: see `form_status`."""
        return form_status(self)
