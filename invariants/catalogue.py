"""All laws, collected from their modules, and the page that lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from types import ModuleType

from .ids import unknown
from .law import Edge, Law
from .laws import (
    access,
    bookkeeping,
    caps,
    configuration,
    deficit,
    emode,
    flags,
    gifts,
    health,
    health_probes,
    indexes,
    inflation,
    liquidation_effects,
    liquidation_limits,
    oracle,
    rates,
    round_trips,
    rounding,
    solvency,
    stable_debts,
    system,
    tokens,
)

MODULES: tuple[ModuleType, ...] = (
    solvency,
    bookkeeping,
    indexes,
    rates,
    round_trips,
    rounding,
    inflation,
    health,
    health_probes,
    flags,
    configuration,
    emode,
    caps,
    access,
    liquidation_limits,
    liquidation_effects,
    deficit,
    gifts,
    tokens,
    oracle,
    system,
    stable_debts,
)

GROUPS = {
    "SOL": "solvency",
    "IDX": "indexes",
    "RAT": "rates",
    "RND": "rounding",
    "INF": "inflation and same-block profit",
    "HF": "health",
    "FLG": "user flags",
    "EMD": "e-mode",
    "CAP": "caps",
    "ACT": "activity and access",
    "LIQ": "liquidation",
    "DEF": "deficit, treasury, flash loans",
    "TOK": "tokens",
    "ORA": "oracle and backing",
    "SYS": "the system as a whole",
}


def _order(law: Law) -> tuple[int, int]:
    group, _, number = law.id.partition("-")
    return list(GROUPS).index(group), int(number)


def laws_of(module: ModuleType) -> list[Law]:
    """Find the laws that a module defines."""
    return [value for value in vars(module).values() if isinstance(value, Law)]


def all_laws() -> list[Law]:
    """Collect every law, by group and number. Raises ValueError for an id given twice."""
    found = [law for module in MODULES for law in laws_of(module)]
    ids = [law.id for law in found]
    for identifier in ids:
        if ids.count(identifier) > 1:
            raise ValueError(f"two laws are called {identifier}")
    return sorted(found, key=_order)


def law_called(identifier: str) -> Law:
    """Find a law by its id. Raises ValueError, with what was probably meant, for an unknown one."""
    laws = {law.id: law for law in all_laws()}
    if identifier not in laws:
        raise unknown(f"no law is called {identifier!r}", identifier, laws)
    return laws[identifier]


EXAMPLE = Path(__file__).with_name("law_of_your_own.md")
"""The end of the page: how to write a law of one's own."""

KINDS = "S holds in every state, T of one step, Q of a sequence, 2 compares two runs"
SOURCES = (
    "C Certora, E Enigma, D documents of a release, A audit, X generic token and vault properties, I incident, src the "
    "contract, N new"
)


def catalogue_page(apart: Mapping[str, Sequence[Law]]) -> str:
    """Write the catalogue as a Markdown page, and the sets of laws that are no part of it by what they are about."""
    laws = all_laws()
    lines = [
        "# Laws of lender protection",
        "",
        f"{len(laws)} laws. Kind: {KINDS}. Source: {SOURCES}.",
        "",
        "S scaled aToken supply; A treasury accrual (scaled); D scaled debt; L / B liquidity and debt index, projected",
        "to now; F deficit; U underlying held by the aToken; VB virtual balance; claims = floor((S + A) * L), debt v",
        "= ceil(D * B), slack = v + VB + F - claims. A prime marks the value after.",
        "",
        "A step is a call of the pool, its tokens or its configurator wherever it is made, or what anything else",
        "wrote between such calls, or the passing of time, or a move of a price. Parts of a multicall are steps. A",
        "call is judged at its own end, even if it is undone afterwards. Inside a call that has not ended, as in the",
        "callback of a flash loan, only laws about certain calls are asked; those of reserves, users and categories",
        "wait for its end. A price that moves in it is no call's doing.",
        "",
        *_not_asked_of_reentered(laws),
        "",
        "An edge is a region of the rule in which the law could fail: there it is really asked. A campaign counts",
        "which were met, and names those it never came near. A law without edges is an identity, which any case can",
        "break, or a probe, which goes to its edge itself.",
        "",
        "Figures as the close factor are the release's. A fork is judged by those that it declares.",
        "",
        "Tolerance is zero unless a bound is given. A known deviation is a release whose real contracts break the law;",
        "there the monitor counts it apart, unless it is told to be strict. Generated from the code by",
        "`invariants/catalogue.py`; a test keeps it current.",
    ]
    for group, title in GROUPS.items():
        some = [law for law in laws if law.id.partition("-")[0] == group]
        lines += ["", f"## {group} {title}", ""]
        for law in some:
            lines += _entry(law)
    for title, others in apart.items():
        lines += ["", f"## Apart: {title}", "", "No part of the catalogue: to be named where they shall be asked.", ""]
        for law in others:
            lines += _entry(law)
    example = EXAMPLE.read_text(encoding="utf-8")
    return "\n".join([*lines, "", *example.splitlines()]) + "\n"


def _not_asked_of_reentered(laws: list[Law]) -> list[str]:
    """List the laws that say what one call does alone."""
    names = ", ".join(law.id for law in laws if law.alone)
    sentence = (
        "The arithmetic of a call inside which others were made, by a token or a receiver that calls back, is not "
        f"judged where it is mixed with theirs. These laws are not asked of it, flash loans apart: {names}. All others "
        "are, and the calls inside are judged as ever."
    )
    return wrap(sentence, 110)


def _entry(law: Law) -> list[str]:
    until = f" to {law.until}" if law.until else ""
    lines = [f"- **{law.id}** ({law.kind.value}; {law.source}; from v{law.since}{until}) {law.statement}"]
    if law.on and len(law.on) <= 8:
        lines.append(f"  Looks at {', '.join(f'`{call}`' for call in law.on)}.")
    if law.alone:
        lines.append("  Not asked of a call inside which others were made, flash loans apart.")
    if law.bound:
        lines.append(f"  *Bound:* {law.bound}.")
    if law.needs:
        lines.append(f"  *Needs:* {law.needs}.")
    if law.edges:
        lines.append(f"  *Edges:* {'; '.join(edge.name + _releases_of(edge) for edge in law.edges)}.")
    lines += [f"  *Known deviation of v{name}:* {how}." for name, how in law.deviates.items()]
    return lines


def _releases_of(edge: Edge) -> str:
    """Name the last release that has an edge, if it is not the newest."""
    return f" (to v{edge.until})" if edge.until else ""


def laws_table(laws: Sequence[Law] | None = None) -> list[dict[str, str]]:
    """List laws, every one unless given, as rows of text: id, kind, statement, releases, source, bound, deviations."""
    rows = []
    for law in all_laws() if laws is None else laws:
        until = f" to {law.until}" if law.until else " on"
        rows.append(
            {
                "id": law.id,
                "kind": law.kind.value,
                "statement": law.statement,
                "releases": f"from {law.since}{until}",
                "source": law.source,
                "bound": law.bound or "zero",
                "deviates": "; ".join(f"{name}: {how}" for name, how in law.deviates.items()),
            }
        )
    return rows
