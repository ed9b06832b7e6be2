"""A vault: a contract that holds aTokens for people, who hold its shares; the laws judge what it makes the pool do."""

import sys
from typing import Any

from pooltwin.invariants import (
    Kind,
    Monitor,
    Stage,
    Step,
    Subject,
    Verdict,
    all_laws,
    at_least,
    law,
    standard_config,
)
from pooltwin.protocol import (
    ZERO_ADDRESS,
    Address,
    Chain,
    EmptyRevert,
    ForeignContract,
    Market,
    external,
    named_address,
    view,
)

UNIT, RAY = 10**6, 10**27


class Vault(ForeignContract):
    """Lends what it is given. A share is one scaled unit of its aTokens, so that gifts change no worth of any."""

    KIND = "Vault"

    def __init__(self, chain: Chain, at: Address, market: Market, symbol: str) -> None:
        super().__init__(chain, at)
        self.pool = market.pool.address
        self.asset = market.asset(symbol)
        self.a_token = market.a_token(symbol).address
        self.shares = self.ledger(0)  # kept in a ledger, so that it is undone with everything else

    @view("balanceOf(address)", "uint256")
    def balance_of(self, user: Address) -> int:
        """The shares of a user."""
        held: int = self.shares[user]
        return held

    @view("convertToAssets(uint256)", "uint256")
    def convert_to_assets(self, shares: int) -> int:
        """What shares are worth, rounded down."""
        income: int = self.chain.at(self.pool).get_reserve_normalized_income(self.asset)
        return shares * income // RAY

    @external("deposit(uint256)", "uint256")
    def deposit(self, amount: int, *, sender: Address) -> int:
        """Take tokens from the sender, who has approved them, and supply them for shares."""
        shares = self._lend(amount, sender)
        self._move(sender, shares)
        return shares

    @external("redeem(uint256)", "uint256")
    def redeem(self, shares: int, *, sender: Address) -> int:
        """Give shares back and withdraw their worth to the sender."""
        if shares > self.shares[sender]:
            raise EmptyRevert("more than there are")
        amount = self.convert_to_assets(shares)
        self._move(sender, -shares)
        paid: int = self.chain.at(self.pool).withdraw(self.asset, amount, sender, sender=self.address)
        return paid

    def _lend(self, amount: int, sender: Address) -> int:
        """Supply the sender's tokens. Returns the scaled units that came of it."""
        token, a_token = self.chain.at(self.asset), self.chain.at(self.a_token)
        before: int = a_token.scaled_balance_of(self.address)
        token.transfer_from(sender, self.address, amount, sender=self.address)
        token.approve(self.pool, amount, sender=self.address)
        self.chain.at(self.pool).supply(self.asset, amount, self.address, 0, sender=self.address)
        after: int = a_token.scaled_balance_of(self.address)
        return after - before

    def _move(self, user: Address, shares: int) -> None:
        self.shares[user] += shares
        self.shares[ZERO_ADDRESS] += shares  # the total


def with_vault(stage: Stage) -> None:
    """Put a vault on a stage and name it; histories say how to make it by the import path "vault:with_vault"."""
    market = stage.market
    vault = market.chain.deploy(lambda chain, at: Vault(chain, at, market, "USDC"), named_address("vault"))
    stage.add("vault", vault)


@law(
    "VAULT-1",
    "The shares of a deposit are worth what was given, but for a thousandth and two units.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    source="mine",
    on=("Vault.deposit",),
)
def deposits_keep_their_worth(step: Step) -> Verdict:
    """A law about every contract of the kind "Vault"."""
    vault: Any = step.contract
    given: int = step.arguments[0]
    return at_least(
        "worth, the deposit less a thousandth", vault.convert_to_assets(step.value), given * 999 // 1_000 - 2
    )


def main() -> None:
    """Let two people share a vault while somebody borrows, with every law watching."""
    market = Market.deploy(standard_config(sys.argv[1] if len(sys.argv) > 1 else "3.7"))
    stage = Stage(market, ("alice", "bob", "carol"))
    with_vault(stage)
    vault, pool, token = stage.contract("vault"), market.pool, market.erc20("USDC")
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    alice, bob, carol = (stage.address_of(name) for name in stage.actors)
    for who in (alice, bob):
        market.fund("USDC", who, 1_000_000 * UNIT)
        token.approve(vault.address, 1_000_000 * UNIT, sender=who)
    market.fund("WETH", carol, 10**21)

    with Monitor(market, [*all_laws(), deposits_keep_their_worth], names=stage.names) as monitor:
        vault.deposit(1_000_000 * UNIT, sender=alice)
        pool.supply(weth, 10**21, sender=carol)
        pool.borrow(usdc, 900_000 * UNIT, sender=carol)
        market.chain.advance(30 * 86_400)
        vault.deposit(1_000_000 * UNIT, sender=bob)
        shares = (vault.balance_of(who) for who in (alice, bob))
        print("alice's shares are worth {} and bob's {}".format(*map(vault.convert_to_assets, shares)))
        paid = vault.redeem(vault.balance_of(alice), sender=alice)
        print("alice was paid", paid)
    print("laws put to the test:", sum(1 for count in monitor.exercised().values() if count), "and broken: none")


if __name__ == "__main__":
    main()
