"""Pages that are made from the tree when the documentation is built: one a room, and the release notes.

They are written to docs/_generated, which git ignores.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import changes
import typer.main
from pooltwin.protocol import CustomError, errors
from pooltwin.scenarios.commands.main import app

ROOT = Path(__file__).parents[2]
PACKAGES = ("protocol", "invariants", "scenarios", "fixtures", "interop")
LEFT_OUT = {"pooltwin.invariants.plugin", "pooltwin.invariants.strategies"}
"""Modules that a page tells better than their functions do."""


def rooms() -> Iterator[Path]:
    """Every folder with modules, the packages first."""
    for package in PACKAGES:
        yield from sorted({path.parent for path in (ROOT / package).rglob("*.py")})


def module_name(path: Path) -> str:
    """The import name of a module or folder of the tree."""
    return ".".join(("pooltwin", *path.relative_to(ROOT).with_suffix("").parts))


def first_line(path: Path) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def room_page(folder: Path) -> str:
    """The page of a room: what it is for, then module by module what they define."""
    name = module_name(folder)
    lines = [f"# {name.partition('.')[2]}", "", *docstring_of(folder / "__init__.py"), ""]
    public = public_names()
    for path in sorted(path for path in folder.glob("*.py") if path.stem != "__init__"):
        lines += [f"## {path.stem}", "", *module_section(path, public.get(module_name(path), {})), ""]
    return "\n".join(lines)


def module_section(path: Path, shown: dict[str, str]) -> list[str]:
    """What a module is for and what it defines, but for the names that the page of a face shows."""
    module = module_name(path)
    lines = ["```{eval-rst}", f".. automodule:: {module}"]
    if path.stem in shown:  # a module and its function of the same name: the function has the place in the index
        lines.append("   :no-index:")
    if module in LEFT_OUT:
        return [*lines, "```"]
    elsewhere = sorted({*shown, *handed_on(path)})
    lines += ["   :members:", *([f"   :exclude-members: {', '.join(elsewhere)}"] if elsewhere else [])]
    return [*lines, "```", *told_elsewhere(shown)]


def handed_on(path: Path) -> set[str]:
    """The names that a module lists as its own and takes from other modules."""
    taken, listed = set(), set()
    for node in ast.parse(read(path)).body:
        if isinstance(node, ast.ImportFrom):
            taken |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            listed |= set(ast.literal_eval(node.value))
    return taken & listed


def told_elsewhere(names: dict[str, str]) -> list[str]:
    """Where the public names of a module are told."""
    faces = sorted(set(names.values()))
    return [
        "",
        *(
            f"{', '.join(f'`{name}`' for name in names if names[name] == face)}: see "
            f"[pooltwin.{face}](../../reference/{face}.md)."
            for face in faces
        ),
    ]


def docstring_of(path: Path) -> list[str]:
    """A module's docstring, line by line."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()


def index_of_rooms(folders: list[Path]) -> str:
    """The page that lists the rooms."""
    lines = [
        "# The rooms",
        "",
        "Every module of the package, folder by folder, from its docstrings. Names that no face hands on may change",
        "with any release.",
        "",
        "| room | what it holds |",
        "|---|---|",
    ]
    lines += [
        f"| [{module_name(folder).partition('.')[2]}]({page_name(folder)}) | {first_line(folder / '__init__.py')} |"
        for folder in folders
    ]
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *(page_name(f) for f in folders), "```", ""])


def public_names() -> dict[str, dict[str, str]]:
    """The names that the faces hand on: for each module, name and face."""
    found: dict[str, dict[str, str]] = {}
    for package in PACKAGES:
        branch = next(node for node in ast.parse(read(ROOT / package / "__init__.py")).body if isinstance(node, ast.If))
        for node in branch.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                home = found.setdefault(f"pooltwin.{package}.{node.module}", {})
                home.update({alias.name: package for alias in node.names})
    found.setdefault("pooltwin.invariants.law", {})["law"] = "invariants"
    return found


def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


def _declared(error: type[CustomError]) -> str:
    """The parameters of an error as Solidity declares them."""
    return ", ".join(f"{kind} {name}" for kind, name in zip(error.parameters, error.fields, strict=True))


def errors_table() -> str:
    """Every custom error: name, arguments, and the code of early releases."""
    rows = ["| error | arguments | code until v3.3 |", "|---|---|---|"]
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, CustomError) and value is not CustomError:
            rows.append(f"| `{name}` | {_declared(value)} | {value.code or ''} |")
    return "\n".join(rows) + "\n"


def commands_page() -> str:
    """Every command with its help, arguments and options."""
    lines: list[str] = []

    def tell(name: str, command: Any) -> None:
        below = getattr(command, "commands", None)
        if below:
            for sub in below:
                tell(f"{name} {sub}".strip(), below[sub])
            return
        lines.extend(
            [f"## pooltwin {name}", "", command.help or "", "", "| option | default | meaning |", "|---|---|---|"]
        )
        for parameter in command.params:
            shown = (
                ", ".join(f"`{option}`" for option in parameter.opts)
                if parameter.opts[0].startswith("-")
                else (f"`{parameter.name.upper()}`")
            )
            default = "" if parameter.default in (None, "", False) else f"`{parameter.default}`"
            lines.append(f"| {shown} | {default} | {getattr(parameter, 'help', '') or ''} |")
        lines.append("")

    tell("", typer.main.get_command(app))
    return "\n".join(lines)


def releases_page() -> str:
    """What each release says of itself, the newest first."""
    lines: list[str] = []
    for folder in sorted((ROOT / "protocol" / "releases").glob("v*"), key=_release_number, reverse=True):
        record = folder / "release.py"
        told = docstring_of(record if record.exists() else folder / "__init__.py")
        lines += [f"### {folder.name.replace('_', '.')}", "", *told, ""]
    return "\n".join(lines)


def _release_number(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.removeprefix("v").split("_"))


LINKS = {
    "(CONTRIBUTING.md": "(contributing.md",
    "(ARCHITECTURE.md": "(architecture.md",
    "(CHANGELOG.md": "(changes.md",
}
"""What the pages at the root link to, and where that is on the site."""

GLOSSARY = re.compile(r"<!-- glossary -->\n(.*?)<!-- end of the glossary -->", re.DOTALL)


def root_page(name: str) -> str:
    """A page of the root, with links that lead on within the site."""
    text = read(ROOT / name)
    for there, here in LINKS.items():
        text = text.replace(there, here)
    return text


def glossary_page() -> str:
    """The words of this house, out of the architecture."""
    found = GLOSSARY.search(read(ROOT / "ARCHITECTURE.md"))
    if found is None:
        raise ValueError("ARCHITECTURE.md has no glossary")
    return f"# Words of this house\n{found.group(1)}"


def page_name(folder: Path) -> str:
    """The file name of a room's page."""
    return module_name(folder).partition(".")[2].replace(".", "-") + ".md"


def generate(_app: Any = None) -> None:
    """Write every generated page that is new or different."""
    target = ROOT / "docs" / "_generated"
    folders = list(rooms())
    pages = {f"rooms/{page_name(folder)}": room_page(folder) for folder in folders}
    pages["rooms/index.md"] = index_of_rooms(folders)
    pages |= {
        "architecture.md": root_page("ARCHITECTURE.md"),
        "changes.md": changes.page(),
        "contributing.md": root_page("CONTRIBUTING.md"),
        "glossary.md": glossary_page(),
        "commands.md": commands_page(),
        "errors.md": errors_table(),
        "releases.md": releases_page(),
    }
    for old in target.rglob("*.md"):
        if old.relative_to(target).as_posix() not in pages:
            old.unlink()
    for name, text in pages.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
