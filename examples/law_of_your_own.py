"""A law of one's own under a monitor: put to the test by every step, and raised at the call that breaks it."""

from pooltwin.invariants import (
    Kind,
    LawBroken,
    Monitor,
    ReserveChange,
    Subject,
    Verdict,
    all_laws,
    at_most,
    law,
    standard_history,
)
from pooltwin.protocol import named_address

ETHER = 10**18


@law("MY-1", "At most half of a reserve is lent.", kind=Kind.STATE, subject=Subject.RESERVE, source="mine")
def half_is_kept(change: ReserveChange) -> Verdict:
    """Compare what is lent with what is lent and what is left."""
    there = change.after.debt + change.after.virtual
    return at_most("twice what is lent, what there is", 2 * change.after.debt, there)


def main() -> None:
    """Borrow a little, which the law allows, and then too much."""
    stage = standard_history().stage()
    market, alice = stage.market, named_address("alice")
    weth = market.asset("WETH")

    with Monitor(market, [*all_laws(), half_is_kept], names=stage.names) as monitor:
        market.pool.borrow(weth, ETHER, sender=alice)
        market.chain.advance(86_400)
        print("put to the test:", monitor.exercised()["MY-1"], "times")
        try:
            market.pool.borrow(weth, 12_000 * ETHER, sender=alice)
        except LawBroken as broken:
            print(broken)


if __name__ == "__main__":
    main()
