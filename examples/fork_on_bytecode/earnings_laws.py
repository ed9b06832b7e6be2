"""A law of the fork's own, about storage that only the fork has: `deposited`, as `pooltwin evm layout` names it."""

from pooltwin.invariants import Kind, Step, Subject, Unit, Verdict, equal, law


@law(
    "EARN-1",
    "A supply raises what the book says was deposited by what it puts in; a withdrawal lowers it by what it pays, to "
    "nothing at the least.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("pool.supply", "pool.withdraw"),
    source="the fork's documentation",
    alone=True,
)
def the_book_is_kept(step: Step) -> Verdict:
    """Look at the entry of whoever is supplied for, or withdraws."""
    asset, amount, receiver, *_ = step.arguments
    supplied = step.name == "pool.supply"
    entry = (asset, receiver if supplied else step.sender)
    book = step.census.pool.deposited
    before, after = step.before.entry(book, entry), step.after.entry(book, entry)
    meant = before + amount if supplied else max(before - step.value, 0)
    return equal("deposited by the book, meant", after, meant, Unit.WEI, asset)
