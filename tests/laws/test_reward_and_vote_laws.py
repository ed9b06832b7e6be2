"""Laws of rewards and of votes: silent on Aave's contracts, and each of them hears the fault that it is there for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pooltwin.invariants import (
    REWARD_LAWS,
    VOTE_LAWS,
    CampaignOptions,
    rewarded_history,
    run_campaign,
    standard_history,
    voting_history,
    with_rewards,
    with_votes,
)
from pooltwin.invariants.histories.own_contract import SetupError
from pooltwin.protocol import external
from pooltwin.protocol.contracts.a_token_with_delegation import ATokenWithDelegation
from pooltwin.protocol.contracts.periphery.rewards.controller import RewardsController
from pooltwin.protocol.logic import governance_power as power

# --- rewards ----------------------------------------------------------------------------------------------------------


class IndexOfTheUserRunsAhead(RewardsController):
    """Books a user's index as one more than the asset's."""

    __slots__ = ()

    def _update_user(self, asset: str, reward: str, user: str, balance: int, index: int, share: int) -> int:
        earned = super()._update_user(asset, reward, user, balance, index, share)
        self.user_indexes[asset, reward, user] = index + 1
        return earned


class EmitsAfterTheEnd(RewardsController):
    """Lets an index grow by a unit too many."""

    __slots__ = ()

    def update_index(self, asset: str, reward: str, total_supply: int, share: int) -> tuple[int, bool]:
        index, grew = super().update_index(asset, reward, total_supply, share)
        if grew:
            self.reward_indexes[asset, reward] = index + 1
        return self.reward_indexes[asset, reward], grew


class BooksTooMuch(RewardsController):
    """Books a unit more than was earned."""

    __slots__ = ()

    def _update_user(self, asset: str, reward: str, user: str, balance: int, index: int, share: int) -> int:
        earned = super()._update_user(asset, reward, user, balance, index, share)
        if earned:
            self.accrued[asset, reward, user] += 1
        return earned


class AnybodyClaims(RewardsController):
    """Asks no claimer whether somebody appointed it."""

    __slots__ = ()

    def _only_claimer(self, claimer: str, user: str) -> None:
        pass


class PaysHalf(RewardsController):
    """Pays half of what it takes off the books."""

    __slots__ = ()

    def _pay_reward(self, to: str, reward: str, amount: int) -> None:
        super()._pay_reward(to, reward, amount // 2)


class ViewsForget(RewardsController):
    """A view that counts shares a tenth too high."""

    __slots__ = ()

    def pending(self, user: str, reward: str, holding: Any) -> int:
        return super().pending(user, reward, holding) * 11 // 10


class ObeysAnybody(RewardsController):
    """Lets everybody configure."""

    __slots__ = ()

    def only_emission_manager(self, sender: str) -> None:
        pass


class ForgetsWhoGives(RewardsController):
    """Hears of no balance that falls to zero, whose owner then is booked for what is no longer there."""

    __slots__ = ()

    def on_balance_change(self, asset: str, user: str, supply_before: int, balance_before: int) -> None:
        super().on_balance_change(asset, user, supply_before, 2 * balance_before)


REWARD_FAULTS = {
    "REW-1": IndexOfTheUserRunsAhead,
    "REW-2": EmitsAfterTheEnd,
    "REW-3": BooksTooMuch,
    "REW-4": AnybodyClaims,
    "REW-5": PaysHalf,
    "REW-6": ViewsForget,
    "REW-7": ObeysAnybody,
    "REW-8": ForgetsWhoGives,
}

# --- votes ------------------------------------------------------------------------------------------------------------


class PowerStays(ATokenWithDelegation):
    """Moves no power when shares move."""

    __slots__ = ()

    def shares_move(self, from_: str, to: str, scaled: int) -> None:
        pass


class AnybodyDelegates(ATokenWithDelegation):
    """Gives away the power of whoever is named."""

    __slots__ = ()

    @external("delegateByType(address,uint8)")
    def delegate_by_type(self, delegatee: str, delegation_type: int, *, sender: str) -> None:
        self._give(delegatee, sender, delegation_type % 2)


class CountsTwice(ATokenWithDelegation):
    """Counts what was given away as still one's own."""

    __slots__ = ()

    def _power(self, user: str, kind: int) -> int:
        return self.scaled_balances[user] + power.POWER_SCALE_FACTOR * self._delegated(kind)[user]


class OneVoteEach(ATokenWithDelegation):
    """Gives everybody a vote."""

    __slots__ = ()

    def _power(self, user: str, kind: int) -> int:
        return super()._power(user, kind) + 1


class PowerOfTheRecipientOnly(ATokenWithDelegation):
    """Moves the power of whoever receives, twice."""

    __slots__ = ()

    def _power(self, user: str, kind: int) -> int:
        return super()._power(user, kind) * (2 if self.scaled_balances[user] else 1)


class KeepsWhatItGives(ATokenWithDelegation):
    """Does not note that power was given away."""

    __slots__ = ()

    def _give(self, delegator: str, to: str, kind: int) -> None:
        mode = self.delegation_modes[delegator]
        super()._give(delegator, to, kind)
        self.delegation_modes[delegator] = mode


VOTE_FAULTS = {
    "VOT-1": PowerStays,
    "VOT-2": AnybodyDelegates,
    "VOT-3": CountsTwice,
    "VOT-4": OneVoteEach,
    "VOT-5": PowerOfTheRecipientOnly,
    "VOT-6": KeepsWhatItGives,
}

# --- what every set of laws has to show -------------------------------------------------------------------------------

FAULTS = {**REWARD_FAULTS, **VOTE_FAULTS}
LAWS = {law.id: law for law in (*REWARD_LAWS, *VOTE_LAWS)}
PLANTED: list[type] = []
"""The fault that `with_fault` plants."""


def with_fault(stage: Any) -> None:
    """Give every contract of the kind that has it a fault."""
    for contract in stage.chain.contracts.values():
        if contract is not None and contract.KIND == PLANTED[0].KIND:  # type: ignore[attr-defined] - a contract's class
            object.__setattr__(contract, "__class__", PLANTED[0])


def attacked(history: Any, laws: Sequence[Any], steps: int, seed: int = 7) -> Any:
    return run_campaign(CampaignOptions(history=history, seed=seed, steps=steps, probe_every=10, laws=tuple(laws)))


@pytest.mark.parametrize("revision", ["3.2", "3.4", "3.7"])
def test_aave_s_rewards_break_no_law(revision: str) -> None:
    result = attacked(rewarded_history(revision), REWARD_LAWS, 300)
    assert not result.findings, str(result.findings[0].violation)
    assert all(result.tally.exercised[law.id] for law in REWARD_LAWS)


@pytest.mark.parametrize("revision", ["3.6", "3.7"])
def test_aave_s_votes_break_no_law(revision: str) -> None:
    result = attacked(voting_history(revision), VOTE_LAWS, 200)
    assert not result.findings, str(result.findings[0].violation)
    assert all(result.tally.exercised[law.id] for law in VOTE_LAWS)


def test_every_law_has_a_fault() -> None:
    assert list(FAULTS) == list(LAWS)


@pytest.mark.parametrize("identifier", FAULTS)
def test_each_law_hears_its_fault(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PLANTED", [FAULTS[identifier]])
    history = (rewarded_history if identifier in REWARD_FAULTS else voting_history)("3.7").with_setups(with_fault)
    result = attacked(history, (LAWS[identifier],), 600)
    assert result.findings
    assert result.findings[0].violation.startswith(f"{identifier} ")


@pytest.mark.parametrize("laws", [REWARD_LAWS, VOTE_LAWS], ids=["rewards", "votes"])
def test_a_market_without_them_has_nothing_to_say(laws: Sequence[Any]) -> None:
    result = attacked(standard_history("3.7"), laws, 60)
    assert not result.findings
    assert not any(result.tally.exercised[law.id] for law in laws)


@pytest.mark.parametrize("setup", [with_rewards, with_votes])
def test_a_setup_refuses_a_market_without_them(setup: Any) -> None:
    with pytest.raises(SetupError, match=setup.__name__):
        standard_history("3.7").with_setups(setup).stage()
