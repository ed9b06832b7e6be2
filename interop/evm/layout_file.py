"""The file of a fork's own variables: which contract stores what besides its release, and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pooltwin.protocol.files import reason_of, write_text
from pooltwin.protocol.models.fields import StrictModel
from pooltwin.protocol.refusal import MalformedError, read_model
from pooltwin.protocol.revisions import REVISIONS
from pydantic import Field

from .own_variables import LayoutError, OwnVariable


class LayoutFile(StrictModel):
    """Its contents."""

    format: Literal["pooltwin-layout-1"] = "pooltwin-layout-1"
    release: str
    """The release that the contracts come from, as "3.6"."""
    contracts: Mapping[str, tuple[OwnVariable, ...]] = Field(strict=False)
    """The variables of each contract, by the name that the release gives it, as "PoolInstance"."""

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_text(path, self.model_dump_json(indent=2, exclude_defaults=False) + "\n")


def read_layout_file(path: Path, release: str) -> LayoutFile:
    """Read a fork's own variables. Raises LayoutError, naming the file and the place, for what is none of the release.

    A slot is a decimal number.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path}: cannot be read: {reason_of(error)}") from None
    try:
        read = read_model(LayoutFile, text)
    except MalformedError as error:
        raise LayoutError(f"{path}: {error.faults[0]}; `pooltwin evm layout` writes such files") from None
    if read.release != release:
        raise LayoutError(f"{path}: release: it is of v{read.release}, not of v{release}")
    known = REVISIONS[release].contracts
    for kind in read.contracts:
        if kind not in known:
            raise LayoutError(f"{path}: contracts.{kind}: v{release} has no such contract")
    return read
