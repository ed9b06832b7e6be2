"""The faces of the package, read from their source, and the code that users are shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from ..unit.source import ROOT, parse

FACES = ("pooltwin.protocol", "pooltwin.invariants", "pooltwin.scenarios", "pooltwin.fixtures", "pooltwin.interop")

Homes = dict[str, tuple[str, ...]]
"""Names by the module that defines them; those of "." are modules themselves."""


def face_source(face: str) -> ast.Module:
    """The syntax tree of a face."""
    return parse(Path(str(import_module(face).__file__)))


def _branch(face: str) -> ast.If:
    return next(node for node in face_source(face).body if isinstance(node, ast.If))


def shown_to_type_checkers(face: str) -> Homes:
    """What the branch for type checkers imports, and what the face imports at once."""
    shown: Homes = {}
    at_once = [node for node in face_source(face).body if isinstance(node, ast.ImportFrom) and node.level]
    for node in (*_branch(face).body, *(node for node in at_once if node.module != "lazy")):
        assert isinstance(node, ast.ImportFrom), f"{face}: an import of another form"
        home = f".{node.module or ''}"
        shown[home] = tuple(sorted((*shown.get(home, ()), *(alias.name for alias in node.names))))
    return shown


def handed_on(face: str) -> Homes:
    """What the face hands on when it runs: its table, and what it imports at once."""
    call = next(node for node in ast.walk(_branch(face).orelse[0]) if isinstance(node, ast.Call))
    homes: Homes = {home: tuple(sorted(_names(names))) for home, names in _items(call.args[1])}
    for node in face_source(face).body:
        if isinstance(node, ast.ImportFrom) and node.level and node.module != "lazy":
            home = f".{node.module}"
            homes[home] = tuple(sorted((*homes.get(home, ()), *(alias.name for alias in node.names))))
    return homes


def _items(table: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    assert isinstance(table, ast.Dict)
    for key, value in zip(table.keys, table.values, strict=True):
        assert isinstance(key, ast.Constant)
        yield str(key.value), value


def _names(tuples: ast.expr) -> Iterator[str]:
    return (str(node.value) for node in ast.walk(tuples) if isinstance(node, ast.Constant))


def documented(path: Path) -> dict[str, str]:
    """The docstring of everything that a module defines at its top: of classes, functions and assignments."""
    found: dict[str, str] = {}
    body = parse(path).body
    for node, following in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found[node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            text = str(following.value.value) if is_text else ""  # type: ignore[attr-defined]  # is_text says so
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found[target.id] = text
    return found


# --- what users are shown ---------------------------------------------------------------------------------------------

BLOCK = re.compile(r"^( *)```(?:python|py)\b[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


def blocks(text: str) -> list[str]:
    """The Python of a Markdown page, block by block, without its indentation."""
    return [
        "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))
        for indent, code in BLOCK.findall(text)
    ]


def pages() -> list[Path]:
    """Every page for users that may hold Python."""
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *(ROOT / "invariants" / "LAWS.md", *sorted((ROOT / "examples").rglob("*.md"))),
    ]


def examples() -> list[Path]:
    """Every example, the files of the example project among them."""
    return sorted(path for path in (ROOT / "examples").rglob("*.py") if "__pycache__" not in path.parts)


def behind_the_faces(code: str) -> list[str]:
    """What a piece of Python imports of pooltwin that no face hands on, in the order of the lines."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _is_ours(alias.name) and alias.name not in FACES]
        elif isinstance(node, ast.ImportFrom) and _is_ours(node.module or ""):
            found += [f"{node.module}.{alias.name}" for alias in node.names if not _is_on_a_face(node, alias.name)]
    return found


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "pooltwin"


def _is_on_a_face(node: ast.ImportFrom, name: str) -> bool:
    if node.module == "pooltwin":
        return f"pooltwin.{name}" in FACES
    return node.module in FACES and name in import_module(node.module).__all__
