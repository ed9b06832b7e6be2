"""The rules of the house as a program: which room may know which, and where a release may be asked for by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .source import ROOT, imports, parse

PROTOCOL_FLOORS = (
    (
        *(
            "protocol.address",
            "protocol.bytecode_name",
            "protocol.files",
            "protocol.import_path",
            "protocol.lazy",
            "protocol.source_digest",
            "protocol.version",
        ),
        *("protocol.bulk", "protocol.file_kinds", "protocol.refusal"),
        "protocol.releases",
    ),
    ("protocol.errors",),
    ("protocol.math", "protocol.state"),
    ("protocol.machine",),
    ("protocol.events",),
    ("protocol.logic",),
    ("protocol.receipt",),
    ("protocol.snapshots",),
    ("protocol.clock",),
    ("protocol.chain",),
    ("protocol.contracts",),
    ("protocol.evm_storage.layout",),
    # A release is told as its difference from the next newer one: it may know newer releases, never older ones.
    ("protocol.releases.v3_7",),
    ("protocol.releases.v3_6",),
    ("protocol.releases.v3_5",),
    ("protocol.releases.v3_4",),
    ("protocol.releases.v3_3",),
    ("protocol.releases.v3_2",),
    ("protocol.releases.v3_0_2",),
    ("protocol.revisions",),
    ("protocol.answers", "protocol.reads"),
    ("protocol.models",),
    ("protocol.lacking",),
    ("protocol.fitting",),
    ("protocol.deployment", "protocol.periphery"),
    ("protocol.market_state",),
    ("protocol.own_code",),
    ("protocol.saved_state",),
    ("protocol.evm_storage", "protocol.market", "protocol.recordings"),
    ("protocol.upgrades",),
    ("protocol",),  # the face
)
INVARIANTS_FLOORS = (
    ("invariants.worth",),
    ("invariants.ids",),
    ("invariants.call_names",),
    ("invariants.law", "invariants.profiles", "invariants.reference"),
    ("invariants.rules",),
    ("invariants.reading",),
    ("invariants.laws",),
    ("invariants.catalogue",),
    ("invariants.bytecode_law", "invariants.checks", "invariants.choice"),
    ("invariants.edge_count", "invariants.workers"),
    ("invariants.monitor", "invariants.coverage"),
    ("invariants.histories",),
    ("invariants.stories",),
    ("invariants.history",),
    ("invariants.standard", "invariants.strategies", "invariants.vaults"),
    ("invariants.isolation", "invariants.rewards", "invariants.votes"),
    ("invariants.markets_around",),
    ("invariants.pages",),
    ("invariants.campaigns",),
    ("invariants.machine_base",),
    ("invariants.machine", "invariants.recorded", "invariants.plugin"),
    ("invariants.replayed",),
    ("invariants.mutants.mutant",),
    ("invariants.mutants.faults",),
    ("invariants.mutants", "invariants.defects"),
    ("invariants",),
)
INTEROP_FLOORS = (
    ("interop.arrays",),
    ("interop.formats",),
    ("interop.tables",),
    ("interop.evm.artifacts",),
    ("interop.evm",),
    ("interop.foundry",),
    ("interop",),  # the face
)
SCENARIOS_FLOORS = (
    (
        *("scenarios.cluster", "scenarios.draws", "scenarios.plain_data"),
        *("scenarios.units", "scenarios.terminal"),
    ),
    ("scenarios.formatting", "scenarios.market_rows", "scenarios.narrowing", "scenarios.spirals"),
    ("scenarios.paths", "scenarios.scan", "scenarios.venues"),
    ("scenarios.books", "scenarios.oracles"),
    ("scenarios.engine",),
    ("scenarios.agents", "scenarios.exits"),
    ("scenarios.files",),
    ("scenarios.comparison", "scenarios.positions", "scenarios.trend_research"),
    ("scenarios.counterexamples", "scenarios.sweep"),
    ("scenarios",),
    ("scenarios.commands",),
)
FLOORS = (*PROTOCOL_FLOORS, ("fixtures",), *INVARIANTS_FLOORS, *INTEROP_FLOORS, *SCENARIOS_FLOORS)
"""The rooms, lowest first. A module may import its own room and whatever lies on a lower floor, for types too."""

FLOOR_OF = {room: level for level, floor in enumerate(FLOORS) for room in floor}

STRANGERS = {
    "invariants.laws": ("invariants.catalogue", "invariants.campaigns", "invariants.mutants", "invariants.defects"),
    "invariants.mutants.faults": ("invariants.laws", "invariants.catalogue", "invariants.campaigns"),
    "interop.formats": ("invariants",),
    "interop.evm": ("invariants",),
    "scenarios.comparison": ("scenarios.trend_research",),
    "scenarios.trend_research": ("scenarios.comparison", "scenarios.positions", "invariants"),
}
"""Rooms that may not know each other although their floors would allow it."""


def room_of(module: str) -> str:
    """The room that a module (as "protocol.logic.borrow") belongs to: the longest name on the list that fits.

    Raises LookupError for a module in no room: a new folder wants a floor.
    """
    name = module
    while name:
        if name in FLOOR_OF and (name == module or name not in ("protocol", "invariants", "interop", "scenarios")):
            return name
        name = name.rpartition(".")[0]
    raise LookupError(f"{module} is in no room: give it a floor in tests/unit/house.py")


def module_of(path: Path) -> str:
    """The name of a file's module without the package's: "protocol.logic.borrow"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path: Path) -> set[str]:
    """Our modules that a file imports, when it runs or for type checkers."""
    found = {*imports(path), *imports(path, for_type_checkers=True)}
    return {name.removeprefix("pooltwin.") for name in found if name.startswith("pooltwin.")}


def refused(importer: str, imported: str) -> str:
    """Why one module may not import another; nothing if it may."""
    here, there = room_of(importer), room_of(imported)
    if here == there:
        return ""
    if FLOOR_OF[there] >= FLOOR_OF[here]:
        return f"{importer} imports {imported}, which lies on no lower floor"
    if any(there == room or there.startswith(f"{room}.") for room in STRANGERS.get(here, ())):
        return f"{importer} imports {imported}, of which {here} may know nothing"
    return ""


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Circles of modules that import each other, each once."""
    found: list[list[str]] = []
    done: set[str] = set()

    def follow(module: str, way: list[str]) -> None:
        if module in way:
            found.append([*way[way.index(module) :], module])
            return
        if module in done:
            return
        for target in sorted(arrows.get(module, ())):
            follow(target, [*way, module])
        done.add(module)

    for module in sorted(arrows):
        follow(module, [])
    return found


VERSIONS_ASKED_IN = ("protocol/releases/", "protocol/revisions.py", "invariants/rules.py", "invariants/law.py")
"""Where a release may be told by its name or number."""


def version_questions(tree: ast.AST, releases: set[str], newest: str) -> Iterator[str]:
    """Comparisons with the name or number of a release, and defaults that name the newest."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_names_a_release(side, releases) for side in sides):
                yield f"line {line}: compares with a release"
        elif isinstance(node, ast.MatchValue) and _names_a_release(node.value, releases):
            yield f"line {line}: matches a release"
        elif isinstance(node, ast.FunctionDef):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            if any(isinstance(value, ast.Constant) and value.value == newest for value in defaults):
                yield f"line {line}: {node.name} has the newest release as a default by its number"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant) and node.value.value == newest:
            yield f"line {line}: a field has the newest release as a default by its number"


def _names_a_release(node: ast.expr, releases: set[str]) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in releases
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        numbers = [element.value for element in node.elts if isinstance(element, ast.Constant)]
        all_numbers = len(numbers) == len(node.elts) >= 2 and all(type(number) is int for number in numbers)
        is_number = all_numbers and numbers[0] == 3
        return is_number or any(_names_a_release(element, releases) for element in node.elts)
    return False


RIDDLES = ("What", "Where", "Whose", "Who", "Why", "Whatever", "Whether", "That")
"""How the first line of a docstring does not begin: it begins with a verb or with what it is about."""


def undocumented(path: Path) -> Iterator[str]:
    """Modules, classes and public functions without a docstring, or with one that begins as a riddle."""
    tree = parse(path)
    named = [(path.name, tree)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            is_event = "events" in (path.stem, path.parent.name) and isinstance(node, ast.ClassDef)
            named += [] if is_event else [(node.name, node)]  # type: ignore[list-item]  # modules, classes, functions
    for name, node in named:
        text = ast.get_docstring(node)
        if not text:
            yield f"{name} has no docstring"
        elif text.split()[0].rstrip(",:;") in RIDDLES:
            yield f"{name}: {text.splitlines()[0]!r} begins as a riddle"
