"""The page about faults in bytecode: its text, and the tables of what was found."""

from collections.abc import Iterable, Sequence

from .catalogue import FAULTS
from .found import Row, Seen
from .released import EPISODE_STEPS, EPISODES, RELEASE, SEEDS, Shown, never_shown
from .silence import Silence

LAWS_SHOWN = 3

HEAD = """\
# Faults planted in the real contracts

Do the laws find a fault in compiled Solidity as they find it in the twin? {kinds} faults are planted in the sources of
v3.6, one at a time: a rounding turned round, a check left out, a silent write, a view that lies. Each has a mutant of
the twin that is the same fault ([the mutants](../pages/kills.md)). Both were attacked with the same seeds; the table
shows {total} of them.

- **{found} of {total}** broke a law{but}.
- **{same} of {total}** were found exactly as their mutants were: the same laws, at the same steps, with the same
  figures.
{otherwise}
None of the protocol's text is in this repository. A fault is told by its place in the compiler's syntax tree, a
contract, a function, a kind of node, which of them, and by the few tokens that go there; or it is a small contract
that inherits and overrides. What changes is compiled when the command runs, nothing else.

That a fault and its mutant are one and the same was checked before, and in another way: random histories in
lockstep, the faulty bytecode beside the faulty twin, every answer, event and word of storage compared (`python -m
tests.contracts.faults --pairs 100`).

Where the two differ, the command finds out why, by trying again on other terms. The adversary reckons what somebody has
by the twin's code, which a mutant may have changed: then the walks part, and the bytecode is sent on the mutant's walk.
A call inside a call is judged at its own end on the twin; on bytecode a transaction is one step: then the twin is made
to judge whole transactions too. Where only another figure is told, several people were wronged at once, and each engine
tells of another one first.

In the table a law is followed by the step at which it first broke. The campaign is on the standard market, two short
episodes at most, and ends with the action that broke something. The hunt is on the market on which mutants are hunted;
it is as long as the mutant needs until a law breaks that was expected to, {most:,} steps at most. A story is the number
of actions that are left when the campaign's finding, or the hunt's, was made short: it breaks the same law on the
bytecode. None are left where the market is wrong as soon as it is prepared. A dash: only laws that try alternatives
noticed, at a moment of the hunt.

Isolated collateral, whose debt ceiling F4 forgets, is on neither market: its campaign is on one that has some
(`pooltwin fuzz --market isolated`), and the hunt sees nothing. A share for an address that nothing names (F2) is seen
on the twin, whose records are whole. Laws on bytecode read what transactions name, so there it takes EVM-1, which
compares every stored word with what is known.

"""

FOOT = """
This page is made by `python -m tests.contracts.faults --output docs/explanation/bytecode-faults.md`, which needs
`node`, `npm` and `pyrevm`. With `--only M02,M04` it tries those and keeps the other rows, with `--since M55` those from
there on: every row is kept as soon as it is made. After a change of laws `--moved` tries those whose mutants are found
otherwise than before. A test tries some of them again in every run.
"""

SILENT = """
Bytecode without a fault broke no law in campaigns with all of them, of which the command keeps the figures with
`--faithful 20000 --seed 1207`:

"""


RELEASED = """
## v{release} as it was published

The compiled contracts of v{release} that are on npm were attacked in the same way and held to the laws of the newest
release. Nothing tells the adversary what is wrong with them. Of the {asked} [known defects](../pages/defects.md)
that lived in the oldest release listed there, {shown} showed themselves in the bytecode. A story breaks the law on
the bytecode, and no more on the release that fixed the defect. Steps are counted over {episodes} episodes of
{episode_steps} steps with each of the seeds {seeds}: `python -m tests.contracts.faults --published`.

"""

NEVER = """
Not seen: {never}. They came later than v{release}, or the walk did not lead to them.
"""


def page(rows: Sequence[Row], shown: Sequence[Shown], silent: Sequence[Silence]) -> str:
    """The whole page."""
    figures = {
        "total": len(rows),
        "kinds": len(FAULTS),
        "found": sum(row.found for row in rows),
        "but": _but([row for row in rows if not row.found]),
        "same": sum(row.is_same for row in rows),
        "otherwise": _otherwise([row for row in rows if not row.is_same]),
        "most": max((row.steps for row in rows), default=0),
    }
    head = "| fault | what is wrong | campaign | hunt | the mutant | story |\n|---|---|---|---|---|---:|\n"
    table = head + "".join(map(_line, rows))
    return HEAD.format(**figures) + table + _story(rows) + _released(shown) + FOOT + _silent(silent)


def _but(missed: Sequence[Row]) -> str:
    """Which faults no law noticed, and after how many steps."""
    if not missed:
        return ""
    return "; no law noticed, on either engine, " + ", ".join(f"{row.id} (in {row.steps:,} steps)" for row in missed)


def _otherwise(rows: Sequence[Row]) -> str:
    """How the rest were found."""
    on_terms = [row for row in rows if row.is_same_on_terms]
    others = [row for row in rows if not row.is_same_on_terms]
    lines = []
    if on_terms:
        lines.append(f"- **{len(on_terms)} more** on equal terms, as the table tells: {_ids(on_terms)}.")
    if others:
        lines.append(f"- {len(others)} otherwise: {_ids(others)}.")
    return "".join(f"{line}\n" for line in lines)


def _ids(rows: Iterable[Row]) -> str:
    return ", ".join(row.id for row in rows)


def _line(row: Row) -> str:
    story = "-" if row.story is None else len(row.story)
    mutant = "; ".join(row.differences) or "the same"
    return f"| {row.id} | {row.change} | {_laws(row.campaign)} | {_laws(row.hunt)} | {mutant} | {story} |\n"


def _laws(seen: Seen) -> str:
    shown = ", ".join(f"{law} {step:,}" for law, step in seen[:LAWS_SHOWN])
    more = len(seen) - LAWS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "-"


def _story(rows: Sequence[Row]) -> str:
    """The shortest story of all, as an example."""
    told = [row for row in rows if row.story and row.is_same]
    if not told:
        return ""
    row = next((row for row in told if row.id == "M02"), told[0])
    steps = "\n".join(row.story or ())
    return f"\n## A story from the bytecode\n\n{row.id}, {row.change}:\n\n```text\n{steps}\n```\n"


def _released(shown: Sequence[Shown]) -> str:
    """The defects of the published release, each with its first sign."""
    if not shown:
        return ""
    first = {each.defect: each for each in reversed(shown)}
    never = never_shown(shown)
    told = RELEASED.format(
        release=RELEASE,
        asked=len(first) + len(never),
        shown=len(first),
        episodes=EPISODES,
        episode_steps=EPISODE_STEPS,
        seeds=" and ".join(map(str, SEEDS)),
    )
    table = "| defect | what goes wrong | law and step | the twin | story |\n|---|---|---|---|---:|\n"
    for identifier in dict.fromkeys(each.defect for each in shown):
        signs = [each for each in shown if each.defect == identifier]
        seen = tuple((each.law, each.step) for each in signs)
        same = "the same" if all(each.same for each in signs) else "otherwise"
        story = max(len(each.story) for each in signs)
        table += f"| {identifier} | {first[identifier].statement} | {_laws(seen)} | {same} | {story or '-'} |\n"
    names = ", ".join(defect.id for defect in never)
    return told + table + (NEVER.format(never=names, release=RELEASE) if never else "")


def _silent(silent: Sequence[Silence]) -> str:
    """The campaigns in which nothing was found because there is nothing."""
    return SILENT + "".join(f"- {each.told()}\n" for each in silent) if silent else ""
