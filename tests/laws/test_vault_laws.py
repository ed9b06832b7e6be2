"""Laws of vaults: silent on Aave's, and each of them hears the fault that it is there for."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.invariants import CampaignOptions, run_campaign, standard_history
from pooltwin.invariants.vaults import VAULT_LAWS, with_vaults
from pooltwin.protocol import EmptyRevert, external, view
from pooltwin.protocol.contracts.periphery.stata.transparent import TransparentStataToken

RAY = 10**27


class Quiet(TransparentStataToken):
    """A view that reverts for some numbers of shares."""

    __slots__ = ()

    @view("totalAssets()", "uint256")
    def total_assets(self) -> int:
        if self.supply % 2 == 0:
            raise EmptyRevert("an even number of shares")
        return super().total_assets()


class ConvertsUp(TransparentStataToken):
    """A conversion that tells a unit too many."""

    __slots__ = ()

    @view("convertToAssets(uint256)", "uint256")
    def convert_to_assets(self, shares: int) -> int:
        return self.to_assets(shares) + 1


class PromisesMore(TransparentStataToken):
    """A preview that tells a share too many."""

    __slots__ = ()

    @view("previewDeposit(uint256)", "uint256")
    def preview_deposit(self, assets: int) -> int:
        return self.to_shares(assets) + 1


class ChargesMore(TransparentStataToken):
    """A preview that tells a unit too few."""

    __slots__ = ()

    @view("previewMint(uint256)", "uint256")
    def preview_mint(self, shares: int) -> int:
        return max(super().preview_mint(shares) - 1, 0)

    @external("mint(uint256,address)", "uint256")
    def mint(self, shares: int, receiver: str, *, sender: str) -> int:
        cost = super().preview_mint(shares)
        self.deposit_for(sender, receiver, cost, shares, to_pool=True)
        return cost


class PaysMore(TransparentStataToken):
    """A redemption that pays a unit more than the shares are worth."""

    __slots__ = ()

    def to_assets(self, shares: int) -> int:
        return super().to_assets(shares) + 1


class LimitsTooHigh(TransparentStataToken):
    """Lets people redeem a share more than they have, in words only."""

    __slots__ = ()

    @view("maxRedeem(address)", "uint256")
    def max_redeem(self, owner: str) -> int:
        return self.balances[owner] + 1 if self.balances[owner] else 0


class NoLimit(TransparentStataToken):
    """Takes more than it says."""

    __slots__ = ()

    @view("maxDeposit(address)", "uint256")
    def max_deposit(self, receiver: str) -> int:
        return 10**9

    @external("deposit(uint256,address)", "uint256")
    def deposit(self, assets: int, receiver: str, *, sender: str) -> int:
        shares = self.to_shares(assets)
        self.deposit_for(sender, receiver, assets, shares, to_pool=True)
        return shares


class NoAllowance(TransparentStataToken):
    """Anybody burns anybody's shares."""

    __slots__ = ()

    def spend_allowance(self, owner: str, spender: str, amount: int) -> None:
        pass


class PartOfAll(TransparentStataToken):
    """A share is a part of all that the vault holds, gifts of the asset included."""

    __slots__ = ()

    def rate(self) -> int:
        held = self.ask(self.a_token_address, "balanceOf(address)", "uint256", self.address)
        held += self.ask(self.asset_address, "balanceOf(address)", "uint256", self.address)
        return held * RAY // self.supply if self.supply and held else RAY


class MintsForNothing(TransparentStataToken):
    """Takes half of what it gives shares for."""

    __slots__ = ()

    def deposit_for(self, caller: str, receiver: str, assets: int, shares: int, *, to_pool: bool) -> None:
        super().deposit_for(caller, receiver, assets, shares // 2, to_pool=to_pool)
        self.mint_shares(receiver, shares)


FAULTS = {
    "ERC4626-1": Quiet,
    "ERC4626-2": ConvertsUp,
    "ERC4626-3": PromisesMore,
    "ERC4626-4": ChargesMore,
    "ERC4626-5": PaysMore,
    "ERC4626-6": LimitsTooHigh,
    "ERC4626-7": NoLimit,
    "ERC4626-8": NoAllowance,
    "ERC4626-9": PartOfAll,
    "ERC4626-10": MintsForNothing,
}


def with_people(stage: Any) -> None:
    """Put vaults on a stage in which alice and bob have shares already."""
    with_vaults(stage)
    market = stage.market
    for symbol, asset in market.assets.items():
        vault = stage.contract(f"vault_{symbol}")
        for name in ("alice", "bob"):
            who = stage.address_of(name)
            market.fund(symbol, who, 10**20)
            market.chain.at(asset).approve(vault.address, 2**256 - 1, sender=who)
            vault.deposit(10**10 + 7, who, sender=who)


PLANTED: list[type[TransparentStataToken]] = []
"""The fault that `with_fault` gives to every vault."""


def with_fault(stage: Any) -> None:
    """Put broken vaults on a stage."""
    with_people(stage)
    for contract in stage.chain.contracts.values():
        if type(contract) is TransparentStataToken:
            object.__setattr__(contract, "__class__", PLANTED[0])


def attacked(revision: str, setup: Any, steps: int, laws: Any = VAULT_LAWS) -> Any:
    history = standard_history(revision).with_setups(setup)
    return run_campaign(
        CampaignOptions(history=history, seed=7, steps=steps, probe_every=5 if steps > 500 else 50, laws=laws)
    )


@pytest.mark.parametrize("revision", ["3.4", "3.7"])
def test_aave_s_vaults_break_no_law(revision: str) -> None:
    result = attacked(revision, with_people, 200)
    assert not result.findings, str(result.findings[0])
    asked = {law.id for law in VAULT_LAWS if result.tally.exercised[law.id]}
    assert asked >= {law.id for law in VAULT_LAWS} - {"ERC4626-7"}  # a supply cap is set now and then only


def test_every_law_of_vaults_has_a_fault() -> None:
    assert list(FAULTS) == [law.id for law in VAULT_LAWS]


@pytest.mark.parametrize("identifier", FAULTS)
def test_each_law_hears_its_fault(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PLANTED", [FAULTS[identifier]])
    (law,) = [law for law in VAULT_LAWS if law.id == identifier]
    result = attacked("3.7", with_fault, 1500, (law,))
    assert result.findings
    assert result.findings[0].violation.startswith(f"{identifier} ")


def test_a_market_without_vaults_has_nothing_to_say() -> None:
    history = standard_history("3.7")
    result = run_campaign(CampaignOptions(history=history, seed=7, steps=60, probe_every=10, laws=VAULT_LAWS))
    assert not result.findings
    assert not any(result.tally.exercised[law.id] for law in VAULT_LAWS)
