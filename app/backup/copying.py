"""A back-up of a site that runs, and the way back."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from app.backup.archive import ARCHIVES, ENCRYPTED, check_name, encrypt, pack, unpacked
from app.backup.databases import COPIES, Content, check_programs, content_of, copy_in, copy_out, kind_of
from app.backup.leftovers import BACKUP, RESTORE, sweep
from app.backup.manifest import MANIFEST, Manifest, check_fits, counted, read_manifest, write_manifest
from app.file_store import file_store
from app.server.private_files import FILE_MODE, FOLDER_MODE
from app.settings import Settings, SettingsError
from ideas.media_type import MEGABYTE
from ideas.store import DiskFull, Folder, Store, StoreAway

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
    except StoreAway as error:
        raise SettingsError("The store of files does not answer, so no back-up was made.") from error
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
        try:
            return put_back(settings, source, folder, manifest, scratch=scratch)
        except (DiskFull, StoreAway) as error:
            raise SettingsError(
                f"The database is restored, and not every file: {error} Run this again: it goes on where it ended."
            ) from error


def put_back(settings: Settings, source: Path, folder: Path, manifest: Manifest, *, scratch: Path) -> Report:
    """As `restore`, of a back-up that is unpacked and was checked."""
    if manifest.database is not None:
        copy_in(folder / COPIES[manifest.database], settings.database_url, scratch=scratch)
    content = content_of(settings.database_url)
    store = file_store(settings)
    copy_files(folder / UPLOADS, store, known=content.files)
    if (folder / SECRET).is_file():
        _copy_file(folder / SECRET, settings.instance / SECRET)
    if (folder / PUSH).is_file():
        _copy_file(folder / PUSH, settings.instance / PUSH)
    return replace(_report(source, content, store), damaged=damaged_files(content, store))


def damaged_files(content: Content, store: Store) -> list[str]:
    """The files whose bytes are not those that the database knows."""
    return [name for name, digest in content.files.items() if _digest(store, name) not in {digest, None}]


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
    store = file_store(settings)
    _fetch_files(store, folder / UPLOADS)
    kind = kind_of(settings.database_url)
    content = copy_out(settings.database_url, folder / COPIES[kind])
    _fetch_files(store, folder / UPLOADS)
    report = _report(folder, content, Folder(folder / UPLOADS))
    # That of the environment, too: without it links and codes of the restored site would not fit.
    (folder / SECRET).write_text(settings.secret_key)
    if (settings.instance / PUSH).is_file():
        _copy_file(settings.instance / PUSH, folder / PUSH)
    write_manifest(folder, content, database=kind, files=report.files, at=at)
    for path in (folder, *folder.rglob("*")):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    return report


def _report(place: Path, content: Content, store: Store) -> Report:
    found = set(store.names())
    return Report(place, counted(content), len(found), [name for name in content.files if name not in found])


def _fetch_files(store: Store, target: Path) -> None:
    """Copy the files that the folder lacks. One that is deleted meanwhile is left out."""
    for name in store.names():
        copy = target / name
        if copy.exists():
            continue
        copy.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with suppress(FileNotFoundError), store.open(name) as file, copy.open("wb") as out:
            shutil.copyfileobj(file, out)


def copy_files(source: Path, store: Store, *, known: Mapping[str, str]) -> int:
    """Copy the files of a folder that the store lacks. Returns how many.

    `known`: digests by name. Then those that the store has with other bytes are replaced, too.
    """
    folder, present, copied = Folder(source), set(store.names()), 0
    for name in folder.names():
        if name not in present or (name in known and _digest(store, name) != known[name]):
            store.put(name, source / name)
            copied += 1
    return copied


def _copy_file(source: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".part")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(FILE_MODE)
    unfinished.replace(target)


def _digest(store: Store, name: str) -> str | None:
    """The digest of a file as the database has it; None where the file is not there."""
    digest = hashlib.sha256()
    try:
        with store.open(name) as file:
            while part := file.read(MEGABYTE):
                digest.update(part)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
