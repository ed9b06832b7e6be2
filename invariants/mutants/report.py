"""The kill matrix for people: a table for the terminal and a page in Markdown, survivors and idle laws included."""

from __future__ import annotations

from rich.table import Table

from .catalogue import KillMatrix
from .hunt import ENOUGH, Hunt, Kill

UNSOUND = "laws that failed on the faithful engine and so kill nothing"
ENDED_EARLY = "so broken that a history ended early, because a view or a law could not go on"
RENEWED = "hunted again since, by `--only` and `--into`"
"""What lines of the page's summary begin with."""
THE_SAME = "the same"
"""What the page says of kills through a router that are those of direct calls."""


def verdict_of(matrix: KillMatrix, found: Hunt) -> str:
    """Sum up a mutant in a word or two: killed, killed by others than expected, equivalent, or alive."""
    kills = matrix.kills_of(found)
    if kills:
        return "killed" if kills.keys() & set(found.mutant.expected) else "killed by others"
    return "equivalent" if found.mutant.equivalent else "ALIVE"


def _kills(matrix: KillMatrix, found: Hunt) -> str:
    """List laws with the step of their first failure, quickest first; the expected ones are marked."""
    return _listed(found, matrix.kills_of(found))


def _routed_kills(matrix: KillMatrix, found: Hunt) -> str:
    """List the same through a router, where it is not the same."""
    if found.routed is None:
        return ""
    same = matrix.is_same_through_a_router(found)
    return THE_SAME if same else _listed(found, matrix.routed_kills_of(found)) or "none"


def _listed(found: Hunt, by_law: dict[str, Kill]) -> str:
    kills = sorted(by_law.values(), key=lambda kill: kill.steps)
    return ", ".join(f"{kill.law}{'*' if kill.law in found.mutant.expected else ''} {kill.steps}" for kill in kills)


def table_of(matrix: KillMatrix) -> Table:
    """Make the table for the terminal, one row a mutant."""
    table = Table(title=f"Mutants: {matrix.budget:,} steps each at most, seed {matrix.seed}; * marks expected laws")
    for heading in ("mutant", "change", "verdict", "laws that failed, and after how many steps", "through a router"):
        table.add_column(heading, overflow="fold")
    for found in matrix.hunts:
        word = verdict_of(matrix, found)
        style = {"ALIVE": "red", "killed by others": "yellow"}.get(word, "")
        cells = (found.mutant.id, found.mutant.change, word, _kills(matrix, found), _routed_kills(matrix, found))
        table.add_row(*cells, style=style)
    return table


def markdown_of(matrix: KillMatrix) -> str:
    """Write the whole matrix as a page."""
    parts = [
        "# Kill matrix",
        "Written by `pooltwin mutants`; a test hunts some of it again.\n",
        _scale(matrix),
        _summary(matrix),
        "## Mutants\n",
        "The number after a law is the step of its first failure; * marks the laws that were expected to notice.",
        "The same walks were also sent through a router, a contract that makes every call for its caller.\n",
        _mutant_rows(matrix),
        "## Laws\n",
        _law_rows(matrix),
        "## Stories\n",
        "The shortest history found for one kill of each mutant.\n",
        *(_story(matrix, found) for found in matrix.hunts),
    ]
    return "\n".join(parts) + "\n"


def _scale(matrix: KillMatrix) -> str:
    how_much = f"{len(matrix.hunts)} mutants, {len(matrix.laws)} laws, {matrix.budget:,} steps each at most"
    return f"""{how_much}, seed {matrix.seed}.
A hunt is over after {ENOUGH:,} steps once every law that was expected to notice has."""


def _summary(matrix: KillMatrix) -> str:
    def listed(hunts: list[Hunt]) -> str:
        return ", ".join(found.mutant.id for found in hunts) or "none"

    equivalent = [found for found in matrix.survivors if found.mutant.equivalent]
    alive = [found for found in matrix.survivors if not found.mutant.equivalent]
    idle = ", ".join(law.id for law in matrix.idle_laws) or "none"
    revisions = [found.mutant.revision for found in matrix.controls]
    ended = [found for found in matrix.hunts if found.crash]
    unsound = "; ".join(f"{name}: {', '.join(sorted(matrix.unsound(name))) or 'none'}" for name in revisions)
    return (
        f"\n- killed: {len(matrix.hunts) - len(matrix.survivors)}\n- alive: {listed(alive)}\n"
        f"- equivalent, argued below: {listed(equivalent)}\n"
        f"- killed, but by no law that was expected to notice: {listed(matrix.missed)}\n"
        f"- laws that killed nothing: {idle}\n"
        f"- {UNSOUND}: {unsound}\n"
        f"- through a router: {routed_summary(matrix)}\n"
        f"- {ENDED_EARLY}: {listed(ended)}\n"
        + (f"- {RENEWED}: {', '.join(matrix.renewed)}\n" if matrix.renewed else "")
    )


def routed_summary(matrix: KillMatrix) -> str:
    """Sum up what the laws notice through a router."""
    routed = matrix.routed
    kills = [(found, matrix.routed_kills_of(found)) for found in routed]
    killed = sum(1 for _, laws in kills if laws)
    as_expected = sum(1 for found, laws in kills if laws.keys() & set(found.mutant.expected))
    same = sum(1 for found in routed if matrix.is_same_through_a_router(found))
    return f"{killed} killed, {as_expected} by a law expected to notice, {same} as directly, of {len(routed)}"


def _mutant_rows(matrix: KillMatrix) -> str:
    rows = ["| mutant | change | origin | verdict | steps | laws | through a router |", "|---|---|---|---|---|---|---|"]
    for found in matrix.hunts:
        mutant = found.mutant
        verdict, steps = verdict_of(matrix, found), f"{found.steps:,}"
        cells = (
            mutant.id,
            mutant.change,
            mutant.origin,
            verdict,
            steps,
            _kills(matrix, found),
            _routed_kills(matrix, found),
        )
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _law_rows(matrix: KillMatrix) -> str:
    rows = ["| law | mutants it kills |", "|---|---|"]
    for law in matrix.laws:
        victims = ", ".join(found.mutant.id for found in matrix.victims_of(law)) or "**none**"
        rows.append(f"| {law.id} | {victims} |")
    return "\n".join(rows) + "\n"


def _story(matrix: KillMatrix, found: Hunt) -> str:
    mutant = found.mutant
    text = f"### {mutant.id}: {mutant.change}\n\n{mutant.origin[0].upper() + mutant.origin[1:]}.\n"
    if found.story:
        text += f"\n```\n{found.story}\n```\n"
    elif mutant.equivalent:
        text += f"\nEquivalent. {mutant.equivalent}\n"
    else:
        kill = matrix.quickest(found)
        text += f"\n{kill.violation}\n" if kill else "\nNo law noticed.\n"
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
