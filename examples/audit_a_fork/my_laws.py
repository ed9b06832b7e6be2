"""A law of the fork's own: whoever has paid his way back to health starts anew."""

from pooltwin.invariants import Kind, Step, Subject, Verdict, equal, law


@law(
    "MY-1",
    "A position that repaying or supplying has made healthy has no mark: the next liquidation pays the plain bonus.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("pool.repay", "pool.supply"),
    source="the fork's documentation",
)
def health_takes_the_mark(step: Step) -> Verdict:
    """Look at the borrower whose debt is repaid, or whose collateral grows."""
    borrower = step.arguments[3] if step.name == "pool.repay" else step.arguments[2]
    marks = step.census.pool.unhealthy_since
    if not step.before.entry(marks, borrower) or step.after.position(borrower).health < 10**18:
        return None
    return equal("mark of a healthy position, none at all", step.after.entry(marks, borrower), 0)
