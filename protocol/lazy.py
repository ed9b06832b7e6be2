"""Faces of packages: names that a package hands on from its modules, each loaded when it is first asked for.

    if TYPE_CHECKING:
        from .catalogue import MUTANTS as MUTANTS
    else:
        __getattr__, __dir__ = lazily(__name__, {".catalogue": ("MUTANTS",)})

A type checker reads the first branch, so it knows each name precisely and still reports one that does not exist.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, homes: Mapping[str, tuple[str, ...]]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and the `__dir__` of a package that hands on names from the modules that define them.

    `homes` gives for each module, as ".catalogue" within the package or by its full name, the names it is asked for;
    for ".", the names of modules that the package hands on whole.
    """
    home_of = {name: module for module, names in homes.items() for name in names}

    def getattr_of_package(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = home_of[name]
        value = import_module(f".{name}", package) if home == "." else getattr(import_module(home, package), name)
        setattr(sys.modules[package], name, value)  # found by itself from now on
        return value

    def dir_of_package() -> list[str]:
        return sorted({*vars(sys.modules[package]), *home_of})

    return getattr_of_package, dir_of_package
