"""A back-up as one file: a tar archive, encrypted with age where keys are given. Or a folder."""

import os
import tarfile
import zlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.settings import SettingsError

ARCHIVES = (".tar", ".tar.gz", ".tgz")
ENCRYPTED = ".age"
_AGE_BEGINS = b"age-encryption.org/"


def check_name(target: Path, recipients: Sequence[str]) -> None:
    """Raises SettingsError where the name says encrypted and there is no key, or the reverse."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise SettingsError(f"{target} exists already. Name a new folder or file: a back-up never overwrites another.")
    is_encrypted, name = target.suffix == ENCRYPTED, target.name.removesuffix(ENCRYPTED)
    if is_encrypted and not recipients:
        raise SettingsError(
            f"{target.name} says that it is encrypted, and there is no key: set BACKUP_RECIPIENTS to a public key of"
            " age."
        )
    if recipients and not (is_encrypted and name.endswith(ARCHIVES)):
        raise SettingsError("BACKUP_RECIPIENTS is set, so the back-up is one encrypted file: end its name .tar.gz.age.")


def pack(folder: Path, archive: Path, *, name: str) -> None:
    """Write a folder to an archive, and wait until the disk has it."""
    bare = name.removesuffix(ENCRYPTED)
    with tarfile.open(archive, "w:gz" if bare.endswith("gz") else "w") as out:
        out.add(folder, arcname=bare.partition(".")[0] or "convergence")
    _sync(archive)


def encrypt(plain: Path, target: Path, recipients: Sequence[str]) -> None:
    """Encrypt a file so that only who has the secret key of one of these can read it."""
    import pyrage

    keys = [pyrage.x25519.Recipient.from_str(key) for key in recipients]
    with plain.open("rb") as source, target.open("wb") as out:
        pyrage.encrypt_io(source, out, keys)
    _sync(target)


def unpacked(source: Path, folder: Path, *, manifest: str, identity: Path | None) -> Path:
    """The folder of a back-up: the one that is named, or what its archive holds. Raises SettingsError."""
    if source.is_dir():
        return source
    try:
        with source.open("rb") as file:
            is_encrypted = file.read(len(_AGE_BEGINS)) == _AGE_BEGINS
        archive = _decrypted(source, folder / "decrypted", identity) if is_encrypted else source
        with tarfile.open(archive) as packed:
            packed.extractall(folder / "site", filter="data")
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:  # the second and third of one cut short
        raise SettingsError(f"{source} can't be read as a back-up: {error}.") from error
    if is_encrypted:
        archive.unlink()
    return next((path.parent for path in folder.rglob(manifest)), folder)


def _decrypted(source: Path, target: Path, identity: Path | None) -> Path:
    if find_spec("pyrage") is None:
        raise SettingsError(f"{source} is encrypted, which needs a library: pip install -e '.[encryption]'")
    import pyrage

    if identity is None:
        raise SettingsError(f"{source} is encrypted: give the file of its secret key, as --identity FILE.")
    keys = _secret_keys(identity)
    try:
        with source.open("rb") as encrypted, target.open("wb") as out:
            pyrage.decrypt_io(encrypted, out, keys)
    except pyrage.DecryptError as error:
        raise SettingsError(
            f"{source} can't be read with this key: it is encrypted for another, or damaged."
        ) from error
    return target


def _secret_keys(identity: Path) -> list[Any]:
    """The keys of a file as age-keygen writes it. Raises SettingsError, which never repeats what the file holds."""
    import pyrage

    try:
        lines = [line.strip() for line in identity.read_text("ascii").splitlines()]
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        keys = []
    if not keys:
        raise SettingsError(f"{identity} has no secret key of age: a line that begins with AGE-SECRET-KEY-1.") from None
    return keys


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
