"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

READABLE = 0o644
"""Permissions of what is written: a temporary file would be its owner's alone."""


def require_place(path: Path) -> None:
    """Refuse a file whose folder there is not, or whose place a folder has, before long work for it. Raises OSError."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))


@contextmanager
def written_whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file to write to, text unless `mode` is "wb", that takes its place in one move when the block ends well.

    Otherwise nothing is left behind, and what was there stays. Raises OSError.
    """
    require_place(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with open(handle, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, READABLE)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file whole. Raises OSError."""
    with written_whole(path) as file:
        file.write(text)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole. Raises OSError."""
    with written_whole(path, "wb") as file:
        file.write(content)


@contextmanager
def all_or_none(folder: Path, *paths: Path) -> Iterator[None]:
    """Leave a folder as it was where what writes these files into it does not come to its end."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise


REASONS = {
    errno.ENOENT: "there is no such file",
    errno.EEXIST: "is there already, and no folder",
    errno.EISDIR: "is a folder, not a file",
    errno.ENOTDIR: "goes through something that is no folder",
    errno.EACCES: "may not be read or written: permission denied",
    errno.EROFS: "cannot be written: the disk is read-only",
    errno.ENOSPC: "cannot be written: the disk is full",
}
"""What an error of the system means, in words."""


def reason_of(error: BaseException) -> str:
    """Tell why a file could not be read or written, without its name."""
    if isinstance(error, UnicodeDecodeError):
        return f"is not text in UTF-8 (byte {error.start})"
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        own = error.strerror != os.strerror(error.errno)
        return error.strerror if own else REASONS.get(error.errno, error.strerror.lower())
    return str(error)


def in_words(error: OSError) -> str:
    """Tell an error of the system with the file's name, as "out.json: there is no such file"."""
    file = error.filename
    return f"{os.fsdecode(file)}: {reason_of(error)}" if isinstance(file, str | bytes) else reason_of(error)
