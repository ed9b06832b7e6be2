"""Markets and positions as others write them: what comes in from foreign files, and what goes out to them.

from pooltwin.interop import ForeignFileError
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = [
    "ForeignFileError",
    "LackingError",
    "LoadedAccounts",
    "TableError",
    "load_accounts",
]

if TYPE_CHECKING:
    from .formats.errors import ForeignFileError, LackingError
    from .tables.accounts import LoadedAccounts, load_accounts
    from .tables.errors import TableError
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".formats.errors": ("ForeignFileError", "LackingError"),
            ".tables.accounts": ("LoadedAccounts", "load_accounts"),
            ".tables.errors": ("TableError",),
        },
    )
