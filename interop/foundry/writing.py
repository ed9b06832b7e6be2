"""Files of a counterexample: a test, the state that it begins with, and what Foundry has to be told to run it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pooltwin.protocol.files import write_text

from ..evm.genesis import alloc_of
from .counterexample import Counterexample
from .forge import COMPILER, Forge, Ran, compiler_script, find_forge
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
    others = {folder / SETTINGS: _settings(forge)} if not (folder / SETTINGS).exists() else {}
    if forge is not None and forge.by_npm and not (folder / COMPILER).exists():
        others[folder / COMPILER] = compiler_script()
    with _all_or_none(folder, [*texts, *others]):
        for path, text in {**others, **texts}.items():
            write_text(path, text)
            if path.name == COMPILER:
                path.chmod(0o755)
        ran = forge.run(test) if forge is not None else None
        if ran is not None and ran.failed is False:
            raise NotRedError(f"{test.name}: {ran.told}")
    return FoundryFiles(test, state, ran, tuple(others))


def _settings(forge: Forge | None) -> str:
    """Write Foundry's settings; with npm's compiler where that is all there is."""
    return _SETTINGS + (f'solc = "./{COMPILER}"\n' if forge is not None and forge.by_npm else "")


@contextmanager
def _all_or_none(folder: Path, paths: Sequence[Path]) -> Iterator[None]:
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
