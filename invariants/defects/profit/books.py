"""The attacker's books: what there is in the wallets, what the pool promises, what is left for lenders."""

from __future__ import annotations

from dataclasses import dataclass

from ...histories.action import Stage
from ...histories.sight import Sight
from ...reference import RAY
from .ground import CULPRITS

FINE = 10**12
"""How many parts of a unit of base currency are counted, so that single wei show."""
CENT = 10**6 * FINE
DOLLAR = 100 * CENT


@dataclass(frozen=True)
class Books:
    """Worths at the market's prices, in parts of base currency (`DOLLAR` is one dollar)."""

    wallets: int
    """What the attacker's accounts hold in their wallets."""
    settled: int
    """The same after everything is unwound: debts are paid where the claims behind them can be paid out and are worth
    more, else both are left behind."""
    promised: int
    """What the pool says that they have: wallets and claims less debts, whether it could pay or not."""
    share: int
    """What the dearest share of a supply is worth."""
    lost: int
    """Claims of lenders and treasury that nothing backs once the attacker has gone: neither what the pool holds nor
    what honest people owe it."""
    health: int
    """The lowest health factor (wad) of the attacker's accounts."""
    interest: int
    """What the debts of the attacker's accounts cost in a year, as the rates stand."""
    shape: tuple[int, ...]
    """Claims and debts of the attacker's accounts in every reserve, each by the order of magnitude of its worth."""

    @property
    def positions(self) -> int:
        """How many of them there are."""
        return sum(1 for magnitude in self.shape if magnitude)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """An account's claims and debts by asset, in the asset's smallest unit."""

    claims: dict[str, int]
    debts: dict[str, int]

    def settling(self, cash: dict[str, int], worths: dict[str, int]) -> tuple[int, dict[str, int]]:
        """What paying all debts and taking all that can be paid out would bring, and the cash that would be left."""
        gain, left = 0, {}
        for symbol, worth in worths.items():
            there = cash[symbol] + self.debts[symbol]
            paid = min(self.claims[symbol], there)
            gain += (paid - self.debts[symbol]) * worth
            left[symbol] = there - paid
        return gain, left


class Scene(Sight):
    """A look at the market by whoever attacks it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.treasury = stage.address_of("treasury")
        self.fine = {symbol: self.price(symbol) * FINE // self.unit(symbol) for symbol in self.symbols}
        """What the smallest unit of each asset is worth."""

    def wallets(self) -> int:
        """What the attacker's accounts hold in their wallets."""
        return sum(self.wallet(symbol, who) * worth for symbol, worth in self.fine.items() for who in CULPRITS)

    def is_worth_settling(self, who: str) -> bool:
        """Are the claims of an account, as far as they can be paid out, worth at least its debts?"""
        cash = {symbol: self.liquidity(symbol) for symbol in self.symbols}
        return self._sheet(who).settling(cash, self.fine)[0] >= 0

    def _sheet(self, who: str) -> _Sheet:
        claims = {symbol: self.supplied(symbol, who) for symbol in self.symbols}
        return _Sheet(claims, {symbol: self.owed(symbol, who) for symbol in self.symbols})

    def books(self) -> Books:
        """Read the books as things stand."""
        wallets = self.wallets()
        cash = {symbol: self.liquidity(symbol) for symbol in self.symbols}
        settled, promised, interest, shape = wallets, wallets, 0, []
        for who in CULPRITS:
            sheet = self._sheet(who)
            gain, left = sheet.settling(cash, self.fine)
            if gain >= 0:
                settled, cash = settled + gain, left
            for symbol, worth in self.fine.items():
                claim, debt = sheet.claims[symbol] * worth, sheet.debts[symbol] * worth
                promised += claim - debt
                interest += debt * self.reserves[symbol].current_variable_borrow_rate // RAY
                shape += [claim.bit_length() // 8, debt.bit_length() // 8]
        share = max(self.pool.income_of(self.assets[symbol]) * worth for symbol, worth in self.fine.items()) // RAY
        health = min(self.health(who) for who in CULPRITS)
        return Books(wallets, settled, promised, share, self._lost(cash), health, interest, tuple(shape))

    def _lost(self, cash: dict[str, int]) -> int:
        lost = 0
        for symbol, worth in self.fine.items():
            income = self.pool.income_of(self.assets[symbol])
            own = sum(self.shares(symbol, who) for who in CULPRITS)
            a_token, debt_token = self.a_tokens[symbol], self.debt_tokens[symbol]
            shares = a_token.scaled_supply + self.reserves[symbol].accrued_to_treasury - own
            owed = debt_token.scaled_supply - sum(debt_token.scaled_balances[self.where(who)] for who in CULPRITS)
            backed = cash[symbol] + owed * self.pool.debt_index_of(self.assets[symbol]) // RAY
            lost += (shares * income // RAY - backed) * worth
        return max(0, lost)
