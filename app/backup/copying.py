"""A back-up of a site that runs, and the way back."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from app.backup.archive import ARCHIVES, ENCRYPTED, check_name, encrypt, pack, unpacked
from app.backup.databases import COPIES, Content, check_programs, content_of, copy_in, copy_out, kind_of
from app.backup.leftovers import BACKUP, RESTORE, sweep
from app.backup.manifest import MANIFEST, Manifest, check_fits, counted, read_manifest, write_manifest
from app.server.private_files import FILE_MODE, FOLDER_MODE
from app.settings import Settings, SettingsError

UPLOADS, SECRET = "uploads", "secret.key"
# The key by which push services know the site: with another one every device would be silent. See app.mail.push.keys.
PUSH = "push.key"


@dataclass(frozen=True, slots=True)
class Report:
    """What a back-up or a restore copied. `missing`: files that the database names and that are not there. `damaged`:
    those that were restored and have other bytes than the database knows.
    """

    place: Path
    counts: dict[str, int]
    files: int
    missing: list[str]
    size: int = 0
    is_encrypted: bool = False
    damaged: list[str] = field(default_factory=list)


def back_up(settings: Settings, target: Path, *, at: datetime | None = None) -> Report:
    """Copy the database, the uploads and the key to a new folder, or to an archive that ends with .tar or .tar.gz.

    The site may go on: the database is copied as it is at one moment, and files before and after it. With keys of age
    in the settings, the archive is encrypted. Raises SettingsError; then nothing is left behind.
    """
    check_name(target, settings.backup_recipients)
    check_programs(settings.database_url)
    try:
        target.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with ExitStack() as stack:
            beside = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=target.parent, prefix=BACKUP)))
            is_encrypted = target.suffix == ENCRYPTED
            # What is not encrypted yet stays where the site itself is, and never gets to the other disk.
            inside = beside
            if is_encrypted:
                inside = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=settings.instance, prefix=BACKUP)))
            folder = inside / "site"
            folder.mkdir(mode=FOLDER_MODE)
            report = _copy_into(settings, folder, at or datetime.now(UTC))
            if target.name.removesuffix(ENCRYPTED).endswith(ARCHIVES):
                made = inside / "archive"
                pack(folder, made, name=target.name)
                shutil.rmtree(folder)
                if is_encrypted:
                    encrypt(made, beside / "encrypted", settings.backup_recipients)
                    made = beside / "encrypted"
                made.chmod(FILE_MODE)
            else:
                made = folder
                if target.is_dir():
                    target.rmdir()
            size = made.stat().st_size if made.is_file() else sum(path.stat().st_size for path in made.rglob("*"))
            made.replace(target)
    except OSError as error:
        raise SettingsError(f"{target} can't be written: {error.strerror or error}.") from error
    return Report(target, report.counts, report.files, report.missing, size, is_encrypted)


def restore(settings: Settings, source: Path, *, identity: Path | None = None) -> Report:
    """Put a back-up in the place of what is there: the database whole or not at all, then files and the key.

    Stop the web and the worker before. Files that the back-up does not know stay: no page shows them. One that is
    damaged is replaced. `identity`: the file of the secret key of one that is encrypted. Raises SettingsError, before
    anything has changed.
    """
    check_programs(settings.database_url)
    sweep([settings.instance], settings.database_url, now=datetime.now(UTC))
    with tempfile.TemporaryDirectory(dir=settings.instance, prefix=RESTORE) as name:
        scratch = Path(name)
        folder = unpacked(source, scratch, manifest=MANIFEST, identity=identity)
        manifest = read_manifest(source, folder)
        check_fits(source, manifest, database=kind_of(settings.database_url))
        return put_back(settings, source, folder, manifest, scratch=scratch)


def put_back(settings: Settings, source: Path, folder: Path, manifest: Manifest, *, scratch: Path) -> Report:
    """As `restore`, of a back-up that is unpacked and was checked."""
    if manifest.database is not None:
        copy_in(folder / COPIES[manifest.database], settings.database_url, scratch=scratch)
    content = content_of(settings.database_url)
    _copy_files(folder / UPLOADS, settings.uploads, known=content.files)
    if (folder / SECRET).is_file():
        _copy_file(folder / SECRET, settings.instance / SECRET)
    if (folder / PUSH).is_file():
        _copy_file(folder / PUSH, settings.instance / PUSH)
    damaged = damaged_files(content, settings.uploads)
    return replace(_report(source, content, settings.uploads), damaged=damaged)


def damaged_files(content: Content, uploads: Path) -> list[str]:
    """The files whose bytes are not those that the database knows."""
    paths = {name: uploads / name for name in content.files}
    return [name for name, path in paths.items() if path.is_file() and _digest(path) != content.files[name]]


def lines(report: Report, say: Callable[[str], object]) -> None:
    """Say what was copied, a line each."""
    for name, count in report.counts.items():
        say(f"  {name}: {count}")
    say(f"  files: {report.files}")
    for name in report.missing:
        say(f"  missing: {name} is in the database, but there is no such file in uploads")
    for name in report.damaged:
        say(f"  damaged: {name} is not the file that was kept")


def _copy_into(settings: Settings, folder: Path, at: datetime) -> Report:
    # A file is written before the row that names it, and deleted after that row has changed. So the files of the
    # database's moment are those that are there before it, and those that came until then.
    _copy_files(settings.uploads, folder / UPLOADS)
    kind = kind_of(settings.database_url)
    content = copy_out(settings.database_url, folder / COPIES[kind])
    _copy_files(settings.uploads, folder / UPLOADS)
    report = _report(folder, content, folder / UPLOADS)
    # That of the environment, too: without it links and codes of the restored site would not fit.
    (folder / SECRET).write_text(settings.secret_key)
    if (settings.instance / PUSH).is_file():
        _copy_file(settings.instance / PUSH, folder / PUSH)
    write_manifest(folder, content, database=kind, files=report.files, at=at)
    for path in (folder, *folder.rglob("*")):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    return report


def _report(place: Path, content: Content, uploads: Path) -> Report:
    missing = [name for name in content.files if not (uploads / name).is_file()]
    return Report(place, counted(content), _count_files(uploads), missing)


def _copy_files(source: Path, target: Path, *, known: Mapping[str, str] | None = None) -> None:
    """Copy the files that the target lacks. One that is deleted meanwhile is left out; so is one half written.

    `known`: digests by name. Then those that the target has with other bytes are replaced, too.
    """
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        name = path.relative_to(source)
        copy, digest = target / name, (known or {}).get(name.as_posix())
        is_there = copy.exists() and (digest is None or _digest(copy) == digest)
        if path.is_file() and not path.is_symlink() and path.suffix != ".part" and not is_there:
            copy.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            try:
                _copy_file(path, copy)
            except FileNotFoundError:
                copy.unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".part")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(FILE_MODE)
    unfinished.replace(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))
