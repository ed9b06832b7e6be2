"""Docstrings as Sphinx should read them: they are plain text with backticks, not reStructuredText.

Backticks become literals, indented lines become code, and everything else stays the text that it is.
"""

from __future__ import annotations

import re
from typing import Any

from generated import public_names
from sphinx.pycode import ModuleAnalyzer

SPECIAL = re.compile(r"([\\*|_])")
"""What reStructuredText would take for markup."""


def escaped(text: str) -> str:
    """One line of a docstring as reStructuredText."""
    parts = text.split("`")
    for index, part in enumerate(parts):
        is_code = index % 2 == 1 and index < len(parts) - 1
        parts[index] = f"``{part}``" if is_code and part.strip() == part and part else SPECIAL.sub(r"\\\1", part)
    return "\\ ".join(parts).replace(" \\ ``", " ``").replace("``\\  ", "`` ") if len(parts) > 1 else parts[0]


def translated(lines: list[str]) -> list[str]:
    """A docstring as reStructuredText, line by line."""
    whole: list[str] = []
    in_code = False
    for line in joined(lines):
        indented = line.startswith("    ") and (in_code or not whole or not whole[-1].strip())
        if indented and not in_code:
            whole += ["::", ""]
        in_code = indented or (in_code and not line.strip())
        if line.startswith("- ") and whole and whole[-1].strip() and not whole[-1].startswith(("- ", "  ")):
            whole.append("")
        whole.append(line if in_code else escaped(line))
    return whole


def joined(lines: list[str]) -> list[str]:
    """Lines with a literal broken over two of them put together."""
    found: list[str] = []
    for line in lines:
        if found and found[-1].count("`") % 2 and line.strip():
            found[-1] += " " + line.strip()
        else:
            found.append(line)
    return found


def docstring_at_home(name: str) -> list[str]:
    """The docstring of a constant that a face hands on, which stands behind it in its own module."""
    face, _, constant = name.rpartition(".")
    for home, names in public_names().items():
        if names.get(constant) == face.partition(".")[2]:
            return list(ModuleAnalyzer.for_module(home).find_attr_docs()[("", constant)])
    raise ValueError(f"no face hands on {name}")


def process(_app: Any, what: str, name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Translate a docstring in place, as autodoc asks for it."""
    if what == "data" and name.count(".") == 2:  # pooltwin.FACE.CONSTANT
        lines[:] = [*docstring_at_home(name), ""]
    lines[:] = translated(lines)


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
