"""Reading the package's own source: files, imports, and what the house rules forbid."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROTOCOL = sorted((ROOT / "protocol").rglob("*.py"))
PACKAGES = ("protocol", "invariants", "scenarios", "fixtures", "interop")

FORBIDDEN_MODULES = {
    **dict.fromkeys(("time", "datetime", "zoneinfo", "calendar"), "clocks"),
    **dict.fromkeys(("random", "secrets", "uuid"), "randomness"),
    **dict.fromkeys(("math", "cmath", "decimal", "statistics", "numpy"), "floats"),
    **dict.fromkeys(("socket", "http", "urllib", "requests", "asyncio", "web3"), "network"),
    **dict.fromkeys(("logging", "rich", "typer"), "printing"),
}
FORBIDDEN_CALLS = ("float", "print", "input", "eval", "exec", "breakpoint")


def name_of(path: Path) -> str:
    """A file's path from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def offences(tree: ast.Module) -> list[str]:
    """What a module below `scenarios` may not contain: floats, clocks, randomness, network, printing."""
    found = []
    for node in ast.walk(tree):
        what = _offence(node)
        if what:
            found.append(f"line {getattr(node, 'lineno', 0)}: {what}")
    return found


def _offence(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=float() | complex()):
            return "a float"
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "true division, which gives a float"
        case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            return "a negative power, which is a float"
        case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
            return f"{name}()"
        case ast.Import(names=names):
            modules = [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), level=0):
            modules = [module]
        case _:
            return ""
    tops = [module.partition(".")[0] for module in modules]
    return "; ".join(f"imports {top}: {FORBIDDEN_MODULES[top]}" for top in tops if top in FORBIDDEN_MODULES)


def imports(path: Path, *, for_type_checkers: bool = False) -> Iterator[str]:
    """Absolute names of the modules that a file imports when it runs, or else only under `TYPE_CHECKING`."""
    tree = parse(path)
    never_run = _under_type_checking(tree)
    package = ["pooltwin", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(tree):
        if (id(node) in never_run) is not for_type_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{module}.{alias.name}" if _is_module(f"{module}.{alias.name}") else module


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split(".")[1:])
    return name.startswith("pooltwin.") and (path.is_dir() or path.with_suffix(".py").is_file())


def _under_type_checking(tree: ast.Module) -> set[int]:
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            inside |= {id(child) for statement in node.body for child in ast.walk(statement)}
    return inside
