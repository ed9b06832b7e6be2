"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

READABLE = 0o644
"""Permissions of what is written: a temporary file would be its owner's alone."""


@contextmanager
def written_whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file to write to, text unless `mode` is "wb", that takes its place in one move when the block ends well.

    Otherwise nothing is left behind, and what was there stays. Raises OSError.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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
