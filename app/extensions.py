"""The Flask extensions, created here and bound to the application in create_app."""

from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session

import ideas.accounts.second_factor
import ideas.contest.pairs
import ideas.contest.public_vote.ballot
import ideas.guidance.practice
import ideas.organisation.organisation
import ideas.recognition.pioneer
import ideas.recognition.points
import ideas.recognition.telling
import ideas.recognition.welcome.buddy
import ideas.spaces.workshops.coming
import ideas.themes.runs.proposal
import ideas.work.vector  # noqa: F401 -- migrations need every table, even one that no page imports
from ideas.base import Base

db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate()
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(get_remote_address)
compress = Compress()


def database() -> Session:
    """The database session of the request or job. A view commits it once, at its end."""
    return db.session()
