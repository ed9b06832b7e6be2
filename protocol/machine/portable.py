"""Things that another process can have: what it could not find again is refused here, in words, before it is sent."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from io import BytesIO
from types import FunctionType
from typing import Any

from ..import_path import ImportPathError, import_path_of


def refuse_unknown_class(contract: Any) -> None:
    """Raise TypeError, naming the contract, where its class cannot be imported by others."""
    try:
        import_path_of(type(contract))
    except ImportPathError as error:
        raise TypeError(f"{contract!r} cannot go to another process: {error}") from None


def refuse_unportable(contract: Any, held: Mapping[str, Any]) -> None:
    """Raise TypeError, naming contract and attribute, for what another process could not have."""
    for name, value in held.items():
        try:
            _Trial(contract.chain).dump(value)
        except Exception as error:
            raise TypeError(f"{contract!r} cannot go to another process, because of its {name}: {error}") from None


class _Trial(pickle.Pickler):
    """Pickles for nobody, to see whether somebody could unpickle it: a worker that cannot leaves others waiting."""

    def __init__(self, chain: Any) -> None:
        super().__init__(BytesIO(), pickle.HIGHEST_PROTOCOL)
        self._chain = chain

    def persistent_id(self, thing: Any) -> str | None:
        """The chain goes along anyway, with everything on it."""
        chain = self._chain
        on_it = thing is chain or thing is chain.journal or getattr(type(thing), "KIND", None) is not None
        return "on the chain" if on_it and getattr(thing, "chain", chain) is chain else None

    def reducer_override(self, thing: Any) -> Any:
        """Functions and classes go by their names, which have to lead back to them."""
        if isinstance(thing, type | FunctionType):
            import_path_of(thing)
        return NotImplemented
