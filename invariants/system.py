"""SYS: the same history gives the same state, whoever the people are."""

from __future__ import annotations

from .law import Kind, Subject, Verdict, equal, law
from .probe import Probe


@law(
    "SYS-5",
    "A copy of the state has the same digest, and goes on to the same digest under the same calls.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
)
def copies_go_on_alike(probe: Probe) -> Verdict:
    """A supply and some time on the original and on its fork."""
    market = probe.market
    asset = probe.rng.choice(probe.assets)
    amount = probe.rng.randrange(1, 10**6)
    fork = market.fork()
    if fork.chain.digest() != market.chain.digest():
        return equal("digest of the fork, original", fork.chain.digest(), market.chain.digest())
    with probe.undone():
        here = probe.go_on(market, asset, amount)
    return equal("digest of the fork, original", probe.go_on(fork, asset, amount), here)
