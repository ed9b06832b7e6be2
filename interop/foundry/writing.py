"""Files of a counterexample: a test, the state that it begins with, and what Foundry has to be told to run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from pooltwin.protocol.files import all_or_none, write_text

from ..evm.genesis import alloc_of
from .counterexample import Counterexample
from .forge import COMPILER, Forge, Ran, compiler_script, find_forge, has_npm_compiler
from .solidity import solidity_of, state_file

SETTINGS = "foundry.toml"
_SETTINGS = """\
[profile.default]
src = "."
test = "."
libs = []
evm_version = "cancun"
gas_limit = "18446744073709551615"
fs_permissions = [{ access = "read", path = "./" }]
"""


class NotRedError(ValueError):
    """A counterexample whose test does not fail in Foundry: nothing was written. Says what Foundry said."""


class FoundryFiles(NamedTuple):
    """The files that were written, and what running the test came to."""

    test: Path
    state: Path
    ran: Ran | None
    """None where no `forge` was found: nobody has run the test yet."""
    others: tuple[Path, ...] = ()
    """Settings, and a compiler's script, unless they were there."""


def write_foundry_test(example: Counterexample, folder: Path, *, forge: Forge | None = None) -> FoundryFiles:
    """Write a counterexample into a folder as a Foundry test, whole or not at all.

    The test is run if there is a `forge`, in `PATH` or installed by npm in the folder or above. Raises NotRedError, and
    leaves the folder as it was, where it passes.
    """
    forge = forge or find_forge(folder)
    test, state = folder / f"{example.name}.t.sol", folder / state_file(example)
    texts = {test: solidity_of(example), state: json.dumps(alloc_of(example.alloc), indent=1) + "\n"}
    by_npm = has_npm_compiler(folder) if forge is None else forge.by_npm
    others = {folder / SETTINGS: _settings(by_npm=by_npm)} if not (folder / SETTINGS).exists() else {}
    if by_npm and not (folder / COMPILER).exists():
        others[folder / COMPILER] = compiler_script()
    with all_or_none(folder, *texts, *others):
        for path, text in {**others, **texts}.items():
            write_text(path, text)
            if path.name == COMPILER:
                path.chmod(0o755)
        ran = forge.run(test) if forge is not None else None
        if ran is not None and ran.failed is False:
            raise NotRedError(f"{test.name}: {ran.told}")
    return FoundryFiles(test, state, ran, tuple(others))


def _settings(*, by_npm: bool) -> str:
    """Write Foundry's settings; with npm's compiler where that is all there is."""
    return _SETTINGS + (f'solc = "./{COMPILER}"\n' if by_npm else "")
