"""SYS: the same history gives the same state, whoever the people are."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.state.storage import NEVER_WRITTEN

from ..law import Kind, Subject, Verdict, all_of, equal, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import Step


@law(
    "SYS-5",
    "A copy of the state has the same digest, and goes on to the same digest under the same calls.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
)
def copies_go_on_alike(probe: Probe) -> Verdict:
    """Try a supply and some time on the original and on its fork."""
    market = probe.market
    asset = probe.rng.choice(probe.assets)
    amount = probe.rng.randrange(1, 10**6)
    fork = market.fork()
    if fork.chain.digest() != market.chain.digest():
        return equal("digest of the fork, original", fork.chain.digest(), market.chain.digest())
    with probe.undone():
        here = probe.go_on(market, asset, amount)
    return equal("digest of the fork, original", probe.go_on(fork, asset, amount), here)


@law(
    "SYS-6",
    "Who it is does not matter: the same calls by somebody else who has nothing yet give the same reserves and the "
    "same position.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
)
def names_do_not_matter(probe: Probe) -> Verdict:
    """Try supply, borrow of the same asset, time and repayment, by one stranger and by another."""
    asset = probe.rng.choice(probe.assets)
    amount = probe.rng.randrange(1, 10**9)
    one, other = (_run_as(probe, who, asset, amount) for who in (STRANGER, named_address("another stranger")))
    return equal("reserve and position, of another", one, other)


@law(
    "SYS-7",
    "No contract is ever created in the place of another: whatever stood at an address before a call stands there "
    "after it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    source="N",
)
def no_contract_takes_the_place_of_another(step: Step) -> Verdict:
    """Look at every address where a call put a contract; what people put there outside of calls is theirs to do."""
    contracts = step.census.chain.contracts
    if step.receipt is None or id(contracts) not in step.changes:
        return None
    return all_of(
        True if before in (None, NEVER_WRITTEN) else equal(f"contract at {where}, before", contracts[where], before)
        for where, before in step.changes[id(contracts)][1].items()
    )


def _run_as(probe: Probe, who: Address, asset: Address, amount: int) -> list[Any]:
    pool, chain = probe.pool, probe.census.chain
    with probe.undone():
        probe.give(asset, who, 3 * amount)
        done = [
            probe.attempt(pool.supply, asset, 2 * amount, who, 0, sender=who).ok,
            probe.attempt(pool.borrow, asset, max(1, amount // 4), 2, 0, who, sender=who).ok,
        ]
        chain.advance(86_400)
        done.append(probe.attempt(pool.repay, asset, max(1, amount // 8), 2, who, sender=who).ok)
        view = probe.now.reserve(asset)
        figures = [getattr(view, name) for name in view.__slots__ if name != "synced"]
        return [done, figures, probe.now.shares(asset, who), probe.now.debt_shares(asset, who), probe.now.flags(who)]
