"""The code of the page that sets a new site up: whoever runs the server has it, and nobody else."""

import base64
import hashlib
import hmac

from app.signing.keys import secret_key
from ideas.errors import DomainError, message_id

CODE_BYTES = 10  # 80 bits: too many to try, 16 characters to type


class WrongCode(DomainError):
    message = message_id("This code is wrong. Copy the code that the server printed when it started.")


def first_admin_code() -> str:
    """The code, as `flask serve` prints it. It follows from the secret key, so every process knows the same one."""
    digest = hmac.digest(secret_key().encode(), b"the first administrator", hashlib.sha256)
    letters = base64.b32encode(digest[:CODE_BYTES]).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def check_first_admin_code(given: str) -> None:
    """Raises WrongCode, unless it is the code, in capitals or not, with or without its hyphens."""
    typed = "".join(given.split()).replace("-", "").upper()
    if not hmac.compare_digest(typed.encode(), first_admin_code().replace("-", "").encode()):
        raise WrongCode
