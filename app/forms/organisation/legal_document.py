"""The legal documents of the site: writing them, and accepting the rules."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.organisation.legal_document import MAX_DOCUMENT_LENGTH


class PublishDocumentForm(VersionedForm):
    """The fields of texts have the codes of their languages as names."""

    fr = ParagraphField(_l("Text in French"), max_length=MAX_DOCUMENT_LENGTH)
    en = ParagraphField(_l("Text in English"), max_length=MAX_DOCUMENT_LENGTH)
    change_reason = ParagraphField(_l("What changes, and why?"), max_length=MAX_REASON_LENGTH)
    substantive = BooleanField(_l("The rules change in substance: ask every member to accept them again."))


class AcceptRulesForm(VersionedForm):
    """`version`: of the rules that the page showed."""
