"""Markets and positions as others write them: what comes in from foreign files, and what goes out to them.

from pooltwin.interop import import_market, write_snapshot
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = [
    "MARKET_FORMATS",
    "AllocError",
    "AllocWarning",
    "Artifact",
    "ArtifactError",
    "ArtifactSet",
    "CodeError",
    "Counterexample",
    "ForeignFileError",
    "FoundryFiles",
    "ImportedMarket",
    "LackingError",
    "LayoutError",
    "LayoutFile",
    "LoadedAccounts",
    "MissingContractError",
    "NotRedError",
    "OwnVariable",
    "TableError",
    "UnfitError",
    "as_arrow",
    "as_columns",
    "as_numpy",
    "as_pandas",
    "bytecode_engine",
    "import_market",
    "layout_entries",
    "load_accounts",
    "load_artifacts",
    "market_of_alloc",
    "read_layout_file",
    "snapshot_of",
    "write_foundry_test",
    "write_snapshot",
]

if TYPE_CHECKING:
    from .arrays.columns import as_arrow, as_columns, as_numpy, as_pandas
    from .evm.artifacts.artifact import Artifact, ArtifactError, ArtifactSet, MissingContractError
    from .evm.artifacts.loading import load_artifacts
    from .evm.constructors import CodeError
    from .evm.engine import bytecode_engine
    from .evm.fitting import UnfitError
    from .evm.genesis import AllocError
    from .evm.given import AllocWarning, market_of_alloc
    from .evm.layout_file import LayoutFile, read_layout_file
    from .evm.own_variables import LayoutError, OwnVariable, layout_entries
    from .formats.completing import ImportedMarket
    from .formats.errors import ForeignFileError, LackingError
    from .formats.importing import MARKET_FORMATS, import_market
    from .formats.snapshot_writing import snapshot_of, write_snapshot
    from .foundry.counterexample import Counterexample
    from .foundry.writing import FoundryFiles, NotRedError, write_foundry_test
    from .tables.accounts import LoadedAccounts, load_accounts
    from .tables.errors import TableError
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".arrays.columns": ("as_arrow", "as_columns", "as_numpy", "as_pandas"),
            ".evm.artifacts.artifact": ("Artifact", "ArtifactError", "ArtifactSet", "MissingContractError"),
            ".evm.artifacts.loading": ("load_artifacts",),
            ".evm.constructors": ("CodeError",),
            ".evm.engine": ("bytecode_engine",),
            ".evm.fitting": ("UnfitError",),
            ".evm.genesis": ("AllocError",),
            ".evm.given": ("AllocWarning", "market_of_alloc"),
            ".evm.layout_file": ("LayoutFile", "read_layout_file"),
            ".evm.own_variables": ("LayoutError", "OwnVariable", "layout_entries"),
            ".formats.completing": ("ImportedMarket",),
            ".formats.errors": ("ForeignFileError", "LackingError"),
            ".formats.importing": ("MARKET_FORMATS", "import_market"),
            ".formats.snapshot_writing": ("snapshot_of", "write_snapshot"),
            ".foundry.counterexample": ("Counterexample",),
            ".foundry.writing": ("FoundryFiles", "NotRedError", "write_foundry_test"),
            ".tables.accounts": ("LoadedAccounts", "load_accounts"),
            ".tables.errors": ("TableError",),
        },
    )
