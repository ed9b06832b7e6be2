"""Settings of books that ship, or that are in a file; tables of accounts count as loaded books."""

from __future__ import annotations

from pathlib import Path

from pooltwin.protocol.files import reason_of
from pooltwin.protocol.refusal import MalformedError, read_model
from pydantic import Field, RootModel

from .config import GeneratedBook, LoadedBook, ShippedBook
from .core import NAME, core_settings
from .errors import BookError

SHIPPED = (NAME,)


def shipped_settings(config: ShippedBook) -> GeneratedBook:
    """Read the settings that a shipped book stands for. Raises BookError for a name that is none."""
    if config.name not in SHIPPED:
        raise BookError(f"there is no book {config.name!r}; there are: {', '.join(SHIPPED)}")
    given = (("accounts", config.accounts), ("seed", config.seed))
    return core_settings(**{name: value for name, value in given if value is not None})


class _Settings(RootModel[GeneratedBook | LoadedBook | ShippedBook]):
    root: GeneratedBook | LoadedBook | ShippedBook = Field(discriminator="kind")


def book_settings(name_or_path: str, *, accounts: int = 0, seed: int = 0) -> GeneratedBook | LoadedBook:
    """Read the settings of a book: a shipped one by name, a `.json` file, or a table of accounts (`.csv`, `.parquet`).

    `accounts` and `seed` stand in for those of a generated book, where they are not 0. Raises BookError for what is no
    book, with every fault.
    """
    path = Path(name_or_path)
    changed = {name: value for name, value in (("accounts", accounts), ("seed", seed)) if value}
    if path.suffix.lower() in (".csv", ".parquet"):
        if changed:
            raise BookError(f"{name_or_path}: is a table: it has no {' and no '.join(changed)}")
        return LoadedBook(title=path.stem, path=name_or_path)
    if name_or_path in SHIPPED:
        return core_settings(**changed)
    if path.suffix.lower() != ".json":
        raise BookError(
            f"there is no book {name_or_path!r}; there are: {', '.join(SHIPPED)}. A file of settings ends in .json, a "
            "table in .csv or .parquet"
        )
    try:
        given = read_model(_Settings, path.read_text(encoding="utf-8")).root
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: {reason_of(error)}") from None
    except MalformedError as error:
        raise BookError(f"{path}: is no book: {error}") from None
    if isinstance(given, ShippedBook):
        given = shipped_settings(given)
    return given.model_copy(update=changed) if isinstance(given, GeneratedBook) else given
