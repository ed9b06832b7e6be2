"""Laws of aTokens that vote: powers are what shares give, follow them, and are given away by nobody but their holder.

They are no part of the catalogue, since few markets have such tokens: `VOTE_LAWS` is given to monitors, machines and
campaigns beside it. The module `markets_around` has markets with some.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.contracts.a_token_with_delegation import ATokenWithDelegation

from .law import Kind, Law, Subject, Verdict, all_of, at_least, at_most, equal, law
from .reading.changes import value_before, written_keys
from .reading.probe import STRANGER, Probe, each_apart
from .reading.step import Step

VOTES, PROPOSALS = 0, 1
KINDS = (VOTES, PROPOSALS)
UNIT = 10**10
"""Power that is given away is counted in units of so many shares, and what is less is lost on the way."""
POWERS, DELEGATES = "getPowersCurrent(address)", "getDelegates(address)"
GIVE, TRANSFER = "delegateByType(address,uint8)", "transfer(address,uint256)"
BY_SIGNATURE = ("metaDelegate", "metaDelegateByType")


def voting_tokens(market: Any) -> list[Any]:
    """List the aTokens of a market that vote."""
    tokens = (market.chain.at(market.pool.reserves[asset].a_token) for asset in market.assets.values())
    return [token for token in tokens if isinstance(token, ATokenWithDelegation)]


def _lists_of(token: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Delegatees and delegated power of a token, of each kind."""
    votes = token.voting_delegatees, token.delegated_voting
    return votes, (token.proposition_delegatees, token.delegated_proposition)


LAWS: list[Law] = []


def _vote_law(identifier: str, statement: str, kind: Kind, subject: Subject, check: Any, bound: str) -> Law:
    made = law(
        identifier,
        statement,
        kind=kind,
        subject=subject,
        source="src",
        bound=bound,
        needs="an aToken that votes",
        since="3.6",
        met=lambda market: bool(voting_tokens(market)),
    )(check)
    LAWS.append(made)
    return made


def of_each_step(identifier: str, statement: str) -> Callable[[Callable[[Step, Any], Verdict]], Law]:
    """Make a law of a function that judges what a step did to one voting token."""

    def declare(judge: Callable[[Step, Any], Verdict]) -> Law:
        def check(step: Step) -> Verdict:
            return all_of(judge(step, token) for token in voting_tokens(step.census.market))

        check.__doc__ = judge.__doc__
        return _vote_law(identifier, statement, Kind.STEP, Subject.STEP, check, "")

    return declare


def of_each_probe(identifier: str, statement: str, bound: str = "") -> Callable[[Callable[[Ballot], Verdict]], Law]:
    """Make a law of a function that tries something on one voting token."""

    def declare(judge: Callable[[Ballot], Verdict]) -> Law:
        def check(probe: Probe) -> Verdict:
            return each_apart(probe, voting_tokens(probe.market), lambda token: judge(Ballot(probe, token)))

        check.__doc__ = judge.__doc__
        return _vote_law(identifier, statement, Kind.TWO_RUNS, Subject.PROBE, check, bound)

    return declare


# --- what a step did --------------------------------------------------------------------------------------------------


@of_each_step("VOT-1", "What is delegated to somebody is the sum of the shares of all who delegate, each cut to units.")
def delegated_is_the_sum(step: Step, token: Any) -> Verdict:
    """Add up the shares behind every delegatee of a token of which shares, delegatees or powers changed."""
    ledgers = [token.scaled_balances, *(ledger for pair in _lists_of(token) for ledger in pair)]
    if not any(id(ledger) in step.changes for ledger in ledgers):
        return None
    verdicts: list[Verdict] = []
    for kind, (delegatees, delegated) in zip(KINDS, _lists_of(token), strict=True):
        sums: dict[Address, int] = {}
        for user, mode in list(token.delegation_modes.items()):
            if mode & kind + 1:
                to = delegatees[user]
                sums[to] = sums.get(to, 0) + token.scaled_balances[user] // UNIT
        for to in {*sums, *(to for to, power in list(delegated.items()) if power)}:
            verdicts.append(equal("delegated units, of all who delegate", delegated[to], sums.get(to, 0)))
    return all_of(verdicts)


@of_each_step("VOT-2", "Power is given away and taken back by its holder alone, by call or by signature.")
def holders_alone_delegate(step: Step, token: Any) -> Verdict:
    """Look at everybody whose delegatee changed."""
    signed = step.name.rpartition(".")[2] in BY_SIGNATURE
    by = step.arguments[0] if signed and step.contract is token else step.sender
    return all_of(
        equal("who delegates, the holder", by, user)
        for delegatees, _ in _lists_of(token)
        for user in written_keys(step.changes, delegatees)
        if value_before(step.changes, delegatees, user) != delegatees[user]
    )


# --- what can be tried ------------------------------------------------------------------------------------------------


class Ballot:
    """One voting token in a probed state, asked by calldata."""

    def __init__(self, probe: Probe, token: Any) -> None:
        self.probe = probe
        self.token = token

    def powers(self, user: Address) -> tuple[int, int]:
        """Ask for a user's votes and power to propose (shares)."""
        votes, proposals = self.probe.answer(self.token.address, POWERS, user)
        return votes, proposals

    def everybody(self) -> list[Address]:
        """List all who may have power: holders, those to whom it was given, and everybody with a name."""
        holders = [user for user, shares in self.token.scaled_balances.items() if shares]
        given = [to for _, delegated in _lists_of(self.token) for to, power in delegated.items() if power]
        return list(dict.fromkeys([*holders, *given, *self.probe.census.names, STRANGER]))

    def holder(self) -> Address | None:
        """Draw somebody with shares."""
        return self.probe.pick([user for user, shares in self.token.scaled_balances.items() if shares])

    def total(self) -> tuple[int, int]:
        """Add up everybody's powers."""
        powers = [self.powers(user) for user in self.everybody()]
        return sum(votes for votes, _ in powers), sum(proposals for _, proposals in powers)

    def delegators(self, kind: int) -> int:
        """Count those who have given a kind of power away."""
        return sum(1 for mode in self.token.delegation_modes.values() if mode & kind + 1)


@of_each_probe(
    "VOT-3",
    "All powers together are all shares: none counts twice, and none is lost.",
    "a unit of ten billion shares for each who delegates, whose shares are cut to units",
)
def powers_are_shares(ballot: Ballot) -> Verdict:
    """Add up everybody's powers."""
    shares, verdicts = ballot.token.scaled_supply, []
    for kind, total in zip(KINDS, ballot.total(), strict=True):
        verdicts.append(at_most("all powers, all shares", total, shares))
        cut = UNIT * ballot.delegators(kind)
        verdicts.append(at_least("all powers and what was cut, all shares", total + cut, shares))
    return all_of(verdicts)


@of_each_probe("VOT-4", "Who has no shares and was given no power has none.")
def nothing_gives_nothing(ballot: Ballot) -> Verdict:
    """Ask of everybody without shares to whom nobody delegates."""
    token, verdicts = ballot.token, []
    for user in ballot.everybody():
        given = any(
            to == user and token.delegation_modes[giver] & kind + 1
            for kind, (delegatees, _) in zip(KINDS, _lists_of(token), strict=True)
            for giver, to in list(delegatees.items())
        )
        if not token.scaled_balances[user] and not given:
            verdicts.append(equal("power out of nothing", ballot.powers(user), (0, 0)))
    return all_of(verdicts)


@of_each_probe(
    "VOT-5",
    "Moving shares moves their power from whoever has it to the recipient, and nobody else's.",
    "a unit for each side whose shares are cut to units",
)
def power_follows_shares(ballot: Ballot) -> Verdict:
    """Have a holder give shares to a stranger, who delegates to nobody."""
    probe, token, holder = ballot.probe, ballot.token, ballot.holder()
    if holder in (None, STRANGER) or token.delegation_modes[STRANGER]:
        return None
    assert holder is not None  # as was just asked
    shares_before = token.scaled_balances[holder]
    owners = tuple(to if to != ZERO_ADDRESS else holder for to in probe.answer(token.address, DELEGATES, holder))
    everybody = ballot.everybody()
    before = {user: ballot.powers(user) for user in everybody}
    balance = token.balance_of(holder)
    amount = balance if probe.rng.random() < 0.3 else probe.rng.randrange(balance + 1)
    if not probe.send(holder, token.address, TRANSFER, STRANGER, amount).ok:
        return None
    moved, verdicts = shares_before - token.scaled_balances[holder], []
    for user in everybody:
        after = ballot.powers(user)
        for kind in KINDS:
            due = before[user][kind] + (moved if user == STRANGER else 0) - (moved if user == owners[kind] else 0)
            slack = UNIT if user == owners[kind] and owners[kind] != holder else 0
            verdicts.append(at_most("power, what moved", after[kind], due + slack))
            verdicts.append(at_least("power, what moved", after[kind] + slack, due))
    return all_of(verdicts)


@of_each_probe("VOT-6", "Power that is given away and taken back is as before, to the share.")
def giving_can_be_undone(ballot: Ballot) -> Verdict:
    """Have a holder who kept a kind of power give it to somebody, and take it back."""
    probe, token, holder = ballot.probe, ballot.token, ballot.holder()
    kind = probe.rng.choice(KINDS)
    if holder is None or probe.answer(token.address, DELEGATES, holder)[kind] != ZERO_ADDRESS:
        return None
    to = probe.pick([user for user in ballot.everybody() if user not in (holder, ZERO_ADDRESS)])
    assert to is not None  # there is the stranger
    before = {user: ballot.powers(user) for user in (holder, to)}
    shares = token.scaled_balances[holder]
    if not probe.send(holder, token.address, GIVE, to, kind).ok:
        return None
    given = {user: ballot.powers(user)[kind] for user in (holder, to)}
    verdicts = [
        equal("power of who gave", before[holder][kind] - given[holder], shares),
        equal("power that arrived", given[to] - before[to][kind], shares // UNIT * UNIT),
    ]
    if probe.send(holder, token.address, GIVE, holder, kind).ok:
        verdicts += [equal("powers after all, before", ballot.powers(user), before[user]) for user in (holder, to)]
    return all_of(verdicts)


VOTE_LAWS = tuple(LAWS)
"""Every law of aTokens that vote."""
