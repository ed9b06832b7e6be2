"""Laws of rewards: what a `RewardsController` books, pays and whom it obeys, as laws.

They are no part of the catalogue, since few markets have rewards: `REWARD_LAWS` is given to monitors, machines and
campaigns beside it. The module `markets_around` has markets with some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.periphery.rewards.controller import CONFIG, RewardsController

from .law import Kind, Law, Subject, Verdict, all_of, at_least, at_most, equal, law
from .reading.changes import value_before, written_keys
from .reading.probe import STRANGER, Probe, each_apart
from .reading.step import Step

CLAIM = "claimRewards(address[],uint256,address,address)"
CLAIM_ALL, CLAIM_FOR = "claimAllRewards(address[],address)", "claimAllRewardsOnBehalf(address[],address,address)"
OWED, ALL_OWED = "getUserRewards(address[],address,address)", "getAllUserRewards(address[],address)"
REWARDS_DATA = "getRewardsData(address,address)"
CONFIGURING: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (f"configureAssets({CONFIG}[])", ([],)),
    ("setEmissionPerSecond(address,address[],uint88[])", (STRANGER, [], [])),
    ("setDistributionEnd(address,address,uint32)", (STRANGER, STRANGER, 0)),
    ("setClaimer(address,address)", (STRANGER, STRANGER)),
)
"""What only the emission manager may call, with arguments that would do no harm."""
SECONDS = 10**7
"""What a probe waits at most."""

Reward = tuple[Address, Address]
"""An asset and one of its rewards."""


def controllers_of(market: Any) -> list[Any]:
    """List the rewards controllers of a market that give anything, not the code behind their proxies."""
    return [
        contract
        for contract in list(market.chain.contracts.values())
        if contract is not None and contract.KIND == RewardsController.KIND and contract.assets_count
    ]


MEANWHILE = "a claim is judged when it calls out to pay, and by what it paid when it is tried (REW-5)"
LAWS: list[Law] = []


def _reward_law(
    identifier: str, statement: str, kind: Kind, subject: Subject, bound: str
) -> Callable[[Callable[[Any], Verdict]], Law]:
    def declare(check: Callable[[Any], Verdict]) -> Law:
        made = law(
            identifier,
            statement,
            kind=kind,
            subject=subject,
            source="src",
            bound=bound,
            needs="rewards that are given",
            met=lambda market: bool(controllers_of(market)),
        )(check)
        LAWS.append(made)
        return made

    return declare


def of_each_step(identifier: str, statement: str, bound: str = "") -> Callable[[Callable[[Books], Verdict]], Law]:
    """Make a law of a function that judges what one step did to the books of one controller."""

    def declare(judge: Callable[[Books], Verdict]) -> Law:
        def check(step: Step) -> Verdict:
            return all_of(judge(Books(step, controller)) for controller in controllers_of(step.census.market))

        check.__doc__ = judge.__doc__
        return _reward_law(identifier, statement, Kind.STEP, Subject.STEP, bound)(check)

    return declare


def of_each_probe(identifier: str, statement: str, bound: str = "") -> Callable[[Callable[[Payer], Verdict]], Law]:
    """Make a law of a function that tries something on one controller."""

    def declare(judge: Callable[[Payer], Verdict]) -> Law:
        def check(probe: Probe) -> Verdict:
            return each_apart(probe, controllers_of(probe.market), lambda one: judge(Payer(probe, one)))

        check.__doc__ = judge.__doc__
        return _reward_law(identifier, statement, Kind.TWO_RUNS, Subject.PROBE, bound)(check)

    return declare


# --- what a step did to the books -------------------------------------------------------------------------------------


class Books:
    """The books of one controller before and after a step."""

    def __init__(self, step: Step, controller: Any) -> None:
        self.step = step
        self.controller = controller
        self.chain: Any = step.census.chain

    def before(self, ledger: str, key: Any) -> Any:
        """Read an entry as it was."""
        return value_before(self.step.changes, getattr(self.controller, ledger), key)

    def written(self, ledger: str) -> list[Any]:
        """List the entries that the step wrote."""
        return written_keys(self.step.changes, getattr(self.controller, ledger))

    def share(self, asset: Address) -> int:
        """Tell one whole share of an asset."""
        return int(10 ** self.controller.asset_decimals[asset])

    def balance_before(self, asset: Address, user: Address) -> int:
        """Tell a user's shares before the step."""
        return int(value_before(self.step.changes, self.chain.at(asset).scaled_balances, user))

    def supply_before(self, asset: Address) -> int:
        """Tell all shares before the step."""
        return int(value_before(self.step.changes, self.chain.at(asset), "scaled_supply"))

    @property
    def is_claim(self) -> bool:
        """Is the step a claim, as far as its payment?"""
        return self.step.contract is self.controller and self.step.name.partition(".")[2].startswith("claim")

    def owed_and_earned(self) -> dict[Reward, tuple[int, int]]:
        """Tell for each user and reward by how much what is owed changed, and what was earned."""
        owed, earned = Counter[Reward](), Counter[Reward]()
        for key in {*self.written("accrued"), *self.written("user_indexes")}:
            owed[key[2], key[1]] += self.controller.accrued[key] - self.before("accrued", key)
            earned[key[2], key[1]] += self.earned(key)
        return {who: (owed[who], earned[who]) for who in owed}

    def earned(self, key: tuple[Address, Address, Address]) -> int:
        """Tell what a user earned of a reward of an asset, by its index then and now, rounded down."""
        asset, _, user = key
        grown = self.controller.user_indexes[key] - self.before("user_indexes", key)
        return int(self.balance_before(asset, user) * grown // self.share(asset))


@of_each_step("REW-1", "No index of a reward falls, and no user's is ahead of its asset's.")
def indexes_never_fall(books: Books) -> Verdict:
    """Compare what was written with what was there."""
    controller, verdicts = books.controller, []
    for key in books.written("reward_indexes"):
        verdicts.append(at_least("index, before", controller.reward_indexes[key], books.before("reward_indexes", key)))
    for key in books.written("user_indexes"):
        user_index = controller.user_indexes[key]
        verdicts.append(at_least("user's index, before", user_index, books.before("user_indexes", key)))
        verdicts.append(at_most("user's index, asset's", user_index, controller.reward_indexes[key[:2]]))
    return all_of(verdicts)


@of_each_step(
    "REW-2", "An index grows by what is emitted for each share in the time that passed, to the end and no further."
)
def indexes_follow_emissions(books: Books) -> Verdict:
    """Compute each written index from what was set before the step: rate, end, last time, shares."""
    verdicts = []
    for key in books.written("last_updates"):
        last, end = books.before("last_updates", key), books.before("distribution_ends", key)
        seconds = max(0, min(books.chain.time, end) - last)
        emitted = books.before("emissions_per_second", key) * seconds * books.share(key[0])
        supply = books.supply_before(key[0])
        expected = books.before("reward_indexes", key) + (emitted // supply if supply else 0)
        verdicts.append(equal("index, by emissions", books.controller.reward_indexes[key], expected))
    return all_of(verdicts)


@of_each_step(
    "REW-3", "What a user is owed grows by what the user's shares earned, and falls in claims only.", MEANWHILE
)
def owed_is_earned(books: Books) -> Verdict:
    """Add up what each user is owed and earned of each reward, over all assets."""
    compare = at_most if books.is_claim else equal
    changes = books.owed_and_earned().items()
    return all_of(compare("owed, earned", owed, earned, of=reward) for (_, reward), (owed, earned) in changes)


@of_each_step("REW-4", "Nobody claims for a user but the user, and the claimer that was appointed for the user.")
def claimers_are_appointed(books: Books) -> Verdict:
    """Look at everybody of whom something was claimed."""
    step = books.step
    return all_of(
        equal("the claimer may", step.sender in (user, books.before("claimers", user)), True)
        for (user, _), (owed, earned) in books.owed_and_earned().items()
        if owed < earned
    )


# --- what can be tried ------------------------------------------------------------------------------------------------


class Payer:
    """One controller in a probed state, asked by calldata."""

    def __init__(self, probe: Probe, controller: Any) -> None:
        self.probe = probe
        self.controller = controller
        self.chain: Any = probe.census.chain

    def ask(self, signature: str, *arguments: Any) -> Any:
        """Ask the controller; None where it reverts."""
        return self.probe.answer(self.controller.address, signature, *arguments)

    def assets(self) -> list[Address]:
        """List the assets that have rewards."""
        controller = self.controller
        return [controller.assets_list[number] for number in range(controller.assets_count)]

    def rewards(self) -> Iterator[Reward]:
        """Go through the rewards of all assets, in a random order."""
        found = [(asset, reward) for asset in self.assets() for reward in self.ask("getRewardsByAsset(address)", asset)]
        self.probe.rng.shuffle(found)
        return iter(found)

    def holders(self, asset: Address) -> list[Address]:
        """List everybody with shares of an asset."""
        return [user for user, shares in self.chain.at(asset).scaled_balances.items() if shares]

    def claimed(self, signature: str, arguments: tuple[Any, ...], holder: Address, due: dict[Address, int]) -> Verdict:
        """Have a holder claim to the stranger, and compare what arrives; None where nothing can be paid."""
        before = {reward: self.chain.at(reward).balance_of(STRANGER) for reward in due}
        if not self.probe.send(holder, self.controller.address, signature, *arguments).ok:
            return None
        return all_of(
            equal("paid, owed", self.chain.at(reward).balance_of(STRANGER) - had, due[reward], of=reward)
            for reward, had in before.items()
        )

    def owed_to_all(self, asset: Address, reward: Address, users: list[Address]) -> int:
        """Add up what users are owed of a reward of an asset."""
        return sum(self.ask(OWED, [asset], user, reward) or 0 for user in users)


@of_each_probe("REW-5", "A claim pays what was owed or asked for, to the unit, and leaves no more than the rest owed.")
def claims_pay_what_is_owed(payer: Payer) -> Verdict:
    """Have a holder claim a part of one reward, then everything, to a stranger."""
    probe, assets = payer.probe, payer.assets()
    holder = probe.pick(payer.holders(probe.rng.choice(assets)))
    owed = None if holder is None else payer.ask(ALL_OWED, assets, holder)
    if holder is None or owed is None or not any(owed[1]):
        return None
    due = {reward: amount for reward, amount in zip(*owed, strict=True) if amount}
    one = probe.rng.choice(list(due))
    with probe.undone():
        asked = probe.rng.randrange(1, 2 * due[one] + 1)
        verdicts = [payer.claimed(CLAIM, (assets, asked, STRANGER, one), holder, {one: min(asked, due[one])})]
        left = payer.ask(OWED, assets, holder, one)
        if verdicts[0] is not None:
            verdicts.append(equal("owed after a part was claimed", left, max(0, due[one] - asked), of=one))
    verdicts.append(payer.claimed(CLAIM_ALL, (assets, STRANGER), holder, due))
    if verdicts[-1] is not None:
        again = payer.ask(ALL_OWED, assets, holder)
        verdicts.append(equal("something is owed after everything was claimed", any(again[1]), False))
    return all_of(verdicts)


@of_each_probe(
    "REW-6",
    "In any time all holders together earn what is emitted of a reward of an asset, and nothing after its end.",
    "a unit for each holder, whose part is rounded down, and what the index's own rounding is worth: all shares in "
    "whole ones, and a unit",
)
def all_earn_what_is_emitted(payer: Payer) -> Verdict:
    """Let time pass, and compare what all are owed before and after."""
    probe, verdicts = payer.probe, []
    for asset, reward in list(payer.rewards())[:2]:
        holders = payer.holders(asset)
        token, (_, per_second, _, end) = payer.chain.at(asset), payer.ask(REWARDS_DATA, asset, reward)
        with probe.undone():
            start, before = payer.chain.time, payer.owed_to_all(asset, reward, holders)
            payer.chain.advance(probe.rng.choice((1, 60, 86_400, probe.rng.randrange(1, SECONDS))))
            earned = payer.owed_to_all(asset, reward, holders) - before
            emitted = per_second * max(0, min(payer.chain.time, end) - start) if holders else 0
        slack = len(holders) + token.scaled_supply // 10 ** payer.controller.asset_decimals[asset] + 1
        verdicts.append(at_most("earned, emitted and roundings", earned, emitted + slack, of=reward))
        verdicts.append(at_least("earned and roundings, emitted", earned + slack, emitted, of=reward))
    return all_of(verdicts)


@of_each_probe("REW-7", "A stranger claims for nobody, and configures nothing.")
def strangers_are_refused(payer: Payer) -> Verdict:
    """Try every function that is for somebody else."""
    controller, verdicts = payer.controller.address, []
    asset = payer.probe.rng.choice(payer.assets())
    holder = payer.probe.pick(payer.holders(asset))
    if holder is not None and payer.ask("getClaimer(address)", holder) != STRANGER:
        claim = payer.probe.send(STRANGER, controller, CLAIM_FOR, [asset], holder, STRANGER)
        verdicts.append(equal("a stranger's claim for a holder is taken", claim.ok, False))
    for signature, arguments in CONFIGURING:
        verdicts.append(
            equal(
                f"a stranger's {signature} is taken",
                payer.probe.send(STRANGER, controller, signature, *arguments).ok,
                False,
            )
        )
    return all_of(verdicts)


@of_each_probe(
    "REW-8", "Shares that move within a block bring nobody any reward, and take none.", "a unit for each holder"
)
def moving_pays_nobody(payer: Payer) -> Verdict:
    """Have a holder give an aToken away, in part or whole, and compare what all are owed."""
    probe = payer.probe
    for asset, reward in payer.rewards():
        holders, token = payer.holders(asset), payer.chain.at(asset)
        holder = probe.pick(holders)
        if holder is None or not hasattr(token, "treasury"):
            continue
        everybody = [*holders, STRANGER] if STRANGER not in holders else holders
        before = payer.owed_to_all(asset, reward, everybody)
        balance = token.balance_of(holder)
        amount = balance if probe.rng.random() < 0.5 else probe.rng.randrange(balance + 1)
        if probe.send(holder, asset, "transfer(address,uint256)", STRANGER, amount).ok:
            after = payer.owed_to_all(asset, reward, everybody)
            return equal("owed to all after shares moved, before", after, before, of=reward)
    return None


REWARD_LAWS = tuple(LAWS)
"""Every law of rewards."""
