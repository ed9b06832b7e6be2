"""Python of one's own, told by where it is imported from: "my_vault:with_vault", the module and a name in it.

So a file can say which contract, engine or law it needs, and whoever reads it finds the same.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any


class ImportPathError(ValueError):
    """An import path behind which there is nothing, or a thing that has none. Names the path and what is wrong."""


def imported(path: str) -> Any:
    """Import what a path names, from where Python looks, or else from the current folder.

    Raises ImportPathError for a path of another form, a module that cannot be imported, and a name it does not have.
    """
    module_name, _, name = path.partition(":")
    if not all(part.isidentifier() for part in (*module_name.split("."), *name.split("."))):
        raise ImportPathError(f"{path!r} is no import path: expected module:NAME, as my_vault:with_vault")
    found = _module(module_name, path)
    for part in name.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, dir(found), 1)
            raise ImportPathError(f"{path}: there is no {part!r} in it{f'; did you mean {near[0]!r}?' if near else ''}")
        found = getattr(found, part)
    return found


def _module(name: str, path: str) -> Any:
    try:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}.") or os.getcwd() in sys.path:
                raise
            sys.path.append(os.getcwd())
            return import_module(name)
    except Exception as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == name.partition(".")[0]
        hint = "; go to the folder where it lies, or name that in PYTHONPATH" if absent else ""
        raise ImportPathError(f"{path}: cannot be imported: {type(error).__name__}: {error}{hint}") from error


def import_path_of(thing: Any) -> str:
    """Tell the path of a function or a class, or of an object for which some module has a name, alone or in a list.

    Raises ImportPathError where no path leads back to it.
    """
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if not module or not name:
        return _path_of_object(thing)
    path = f"{module}:{name}"
    if module == "__main__" or "<" in name:
        raise ImportPathError(f"{path} cannot be imported by others: define it at the top of a module")
    if imported(path) is not thing:
        raise ImportPathError(f"{path} is something else: another object took its name")
    return path


def _path_of_object(thing: Any) -> str:
    """Find the name that a module has for an object; of several modules the one that was loaded last."""
    found, modules = "", list(sys.modules.items()) if type(thing).__module__ != "builtins" else []
    for module_name, module in modules:
        if module_name == "__mp_main__":  # what multiprocessing calls the script that is running
            continue
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if not name.isidentifier():
                continue
            listed = type(value) in (list, tuple) and any(part is thing for part in value)
            if value is thing or (listed and not found.startswith(f"{module_name}:")):
                found = f"{module_name}:{name}"
    if not found:
        raise ImportPathError(f"{_short(thing)} has no import path: no module has a name for it")
    if found.startswith("__main__:"):
        raise ImportPathError(f"{found} cannot be imported by others: it is in the script that is running")
    return found


def _short(thing: Any) -> str:
    text = repr(thing)
    return text if len(text) <= 60 else f"{text[:57]}..."


def import_root(path: str) -> Path | None:
    """Find the folder in which Python has to look for a path; None for what is installed.

    Raises ImportPathError as `imported` does.
    """
    imported(path)
    top = sys.modules[path.partition(":")[0].partition(".")[0]]
    file = getattr(top, "__file__", None)
    if file is None:
        return None
    parents = Path(file).resolve().parents
    root = parents[1] if hasattr(top, "__path__") else parents[0]
    installed = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return None if any(root.is_relative_to(folder) for folder in installed) else root
