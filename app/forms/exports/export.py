"""Asking for an export of a campaign."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectChoice
from wtforms.validators import InputRequired

from ideas.exports.export import ExportFormat


class AskForExportForm(FlaskForm):
    format_ = RadioField(
        _l("Format"),
        name="format",
        choices=[
            SelectChoice(ExportFormat.XLSX.value, _l("A workbook for Excel or LibreOffice, a sheet for each table")),
            SelectChoice(ExportFormat.CSV.value, _l("CSV tables in a ZIP file")),
            SelectChoice(ExportFormat.JSON.value, _l("JSON, for programs")),
            SelectChoice(ExportFormat.POLIS.value, _l("The files of Pol.is, for its tools: ideas and support only")),
        ],
        default=ExportFormat.XLSX.value,
        validators=[InputRequired(_l("Choose a format."))],
    )
    named = BooleanField(_l("With the names of authors"))
