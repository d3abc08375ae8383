"""Questions of the team to the author of an idea, and the author's answer."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field

from app.forms.personal_data import PublicTextForm
from app.forms.text import ParagraphField
from ideas.contributions.talk.clarification import MAX_ANSWER_LENGTH, MAX_QUESTION_LENGTH


class AskAuthorForm(FlaskForm):
    question = ParagraphField(
        _l("Your question to the author"),
        max_length=MAX_QUESTION_LENGTH,
        required=_l("Write your question first."),
        description=_l(
            "The author is told. Only they and the campaign team read the question, unless they add it to this page."
        ),
        id="ask-author",
    )


class AnswerClarificationForm(PublicTextForm):
    answer = ParagraphField(
        _l("Your answer"),
        max_length=MAX_ANSWER_LENGTH,
        required=_l("Write your answer first."),
        description=_l("The campaign team reads it."),
        id="clarification-answer",
    )
    shown = BooleanField(_l("Add the question and my answer to the page of my idea, for everyone who reads it"))

    def texts(self) -> Sequence[Field]:
        return [self.answer]


class TakeOffForm(FlaskForm):
    reason = ParagraphField(
        _l("Why you take this answer off the page"),
        max_length=MAX_QUESTION_LENGTH,
        required=_l("Say why. The author reads it."),
        description=_l("The author is told, with this reason. The campaign team still reads the answer."),
    )
