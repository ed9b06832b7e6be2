"""The page about faults in bytecode: its text, and the table of what was found."""

from collections.abc import Sequence

from .catalogue import FAULTS
from .found import Row, Seen
from .released import RELEASE, Shown, never_shown

LAWS_SHOWN = 3

HEAD = """\
# Faults planted in the real contracts

Do the laws find a fault in compiled Solidity as they find it in the twin? {total} faults are in this table, of
the {kinds} that are planted in the sources of v3.6 one at a time: a rounding turned round, a check left out, a
silent write, a view that lies. Each has a mutant of the twin that is the same fault
([the mutants](../pages/kills.md)). Both were attacked with the same seeds.

- **{found} of {total}** broke a law within {steps:,} steps of a hunt or two short episodes of a campaign.
- **{same} of {total}** were found exactly as their mutants were: the same laws, at the same steps, with the same
  figures.

None of the protocol's text is in this repository. A fault is told by its place in the compiler's syntax tree, a
contract, a function, a kind of node, which of them, and by the few tokens that go there; or it is a small contract
that inherits and overrides. What changes is compiled when the command runs, nothing else.

That a fault and its mutant are one and the same was checked before, and in another way: random histories in
lockstep, the faulty bytecode beside the faulty twin, every answer, event and word of storage compared (`python -m
tests.contracts.faults --pairs 100`).

Where the two differ, two reasons are known. A call inside a call is judged at its own end on the twin; on bytecode a
transaction is one step, and what its inner calls did is judged when it is over. And the adversary reckons how much may
be borrowed by the rules of the record, which a mutant may have changed and bytecode has not: then it asks for another
amount, and the walks part. Where only another figure is told, several people were wronged at once.

In the table a law is followed by the step at which it first broke. The campaign is on the standard market and ends
with the action that broke something; the hunt goes on, on the market on which mutants are hunted. A story is the
number of actions that are left when the campaign's finding, or the hunt's, was made short: it breaks the same law on
the bytecode. Seconds are those of the trial on bytecode and on the twin, story left out, on a busy machine.

Some faults break no law on either engine. For the debt ceiling (F4) the catalogue has none; others need more steps
than these ([the mutants](../pages/kills.md)). A share for an address that nothing names (F2) is seen on the twin, whose
records are whole. Laws on bytecode read what transactions name, so there it takes EVM-1, which compares every
stored word with what is known.

"""

FOOT = """
This page is made by `python -m tests.contracts.faults --output docs/explanation/bytecode-faults.md`, which needs
`node`, `npm` and `pyrevm`; with ids of faults it tries those and keeps the other rows. A test tries some of them
again in every run. Bytecode without a fault broke no law in 200,000 steps (3,947,194 judgements of 160 laws):
`python -m tests.contracts.faults --faithful 200000 --seed 900`.
"""


RELEASED = """
## v{release} as it was published

The compiled contracts of v{release} that are on npm were attacked in the same way and held to the laws of the newest
release. Nothing tells the adversary what is wrong with them. Of the {asked} [known defects](../pages/defects.md)
that lived in the oldest release listed there, {shown} showed themselves in the bytecode. A story breaks the law on
the bytecode, and no more on the release that fixed the defect.

"""

NEVER = """
Not seen: {never}. They came later than v{release}, or the walk did not lead to them.
"""


def page(rows: Sequence[Row], shown: Sequence[Shown]) -> str:
    """The whole page."""
    figures = {
        "total": len(rows),
        "kinds": len(FAULTS),
        "found": sum(row.found for row in rows),
        "same": sum(not row.difference for row in rows),
        "steps": max((row.steps for row in rows), default=0),
    }
    head = (
        "| fault | what is wrong | campaign | hunt | the mutant | story | seconds |\n|---|---|---|---|---|---:|---:|\n"
    )
    table = head + "".join(map(_line, rows))
    return HEAD.format(**figures) + table + _story(rows) + _released(shown) + FOOT


def _line(row: Row) -> str:
    return (
        f"| {row.id} | {row.change} | {_laws(row.campaign)} | {_laws(row.hunt)} | {row.difference or 'the same'}"
        f" | {len(row.story) or '-'} | {row.bytecode_seconds:.0f} / {row.mutant_seconds:.0f} |\n"
    )


def _laws(seen: Seen) -> str:
    shown = ", ".join(f"{law} {step:,}" for law, step in seen[:LAWS_SHOWN])
    more = len(seen) - LAWS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "-"


def _story(rows: Sequence[Row]) -> str:
    """The shortest story of all, as an example."""
    told = [row for row in rows if row.story and not row.difference]
    if not told:
        return ""
    row = next((row for row in told if row.id == "M02"), told[0])
    steps = "\n".join(row.story)
    return f"\n## A story from the bytecode\n\n{row.id}, {row.change}:\n\n```text\n{steps}\n```\n"


def _released(shown: Sequence[Shown]) -> str:
    """The defects of the published release, each with its first sign."""
    if not shown:
        return ""
    first = {each.defect: each for each in reversed(shown)}
    never = never_shown(shown)
    told = RELEASED.format(release=RELEASE, asked=len(first) + len(never), shown=len(first))
    table = "| defect | what goes wrong | law and step | the twin | story |\n|---|---|---|---|---:|\n"
    for identifier in dict.fromkeys(each.defect for each in shown):
        signs = [each for each in shown if each.defect == identifier]
        seen = tuple((each.law, each.step) for each in signs)
        same = "the same" if all(each.same for each in signs) else "otherwise"
        story = max(len(each.story) for each in signs)
        table += f"| {identifier} | {first[identifier].statement} | {_laws(seen)} | {same} | {story or '-'} |\n"
    names = ", ".join(defect.id for defect in never)
    return told + table + (NEVER.format(never=names, release=RELEASE) if never else "")
