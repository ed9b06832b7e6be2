"""A reserve and an e-mode category at one moment, read from storage and projected by the laws' own arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.state import storage
from pooltwin.protocol.state.records import EModeCategory

from ..reference import RAY, half_up, linear_growth
from ..rules import Rules
from .census import Home
from .changes import Changes
from .reader import Reader

_NOTHING: dict[Any, Any] = {}
_STORED = (
    "configuration",
    "liquidity_index",
    "current_liquidity_rate",
    "variable_borrow_index",
    "current_variable_borrow_rate",
    "deficit",
    "last_update_timestamp",
    "id",
    "liquidation_grace_period_until",
    "accrued_to_treasury",
    "virtual_underlying_balance",
    "isolation_mode_total_debt",
    "unbacked",
)
_read_stored = attrgetter(*_STORED)
_UNITS: tuple[int, ...] = tuple(10**decimals for decimals in range(256))


class ReserveView:
    """A reserve at one moment. Scaled figures and indexes as stored; `income` and `debt_index` projected to then.

    `claims = floor((supply + accrued) * income)` is what lenders and treasury are owed, `debt = ceil(scaled debt *
    index)` what borrowers owe, and `slack = debt + virtual + deficit + unbacked - claims`. Until v3.0.2 the pool does
    not tell gifts from deposits, and `virtual` is what the aToken holds; what is owed at stable rates, `stable`, is a
    part of `debt`.
    """

    __slots__ = (
        "accrued",
        "asset",
        "borrow_index",
        "borrow_rate",
        "claims",
        "configuration",
        "debt",
        "debt_index",
        "deficit",
        "grace_until",
        "growth_of_debt",
        "id",
        "income",
        "isolated_debt",
        "last_update",
        "liquidity_index",
        "liquidity_rate",
        "rules",
        "scaled_debt",
        "scaled_supply",
        "slack",
        "stable",
        "stable_offer",
        "stable_principal",
        "stable_rate",
        "stable_since",
        "supply",
        "symbol",
        "synced",
        "time",
        "unbacked",
        "underlying",
        "usage",
        "virtual",
    )

    def __init__(self, reader: Reader, home: Home, time: int, rules: Rules, own_rules: Rules) -> None:
        """`rules` are those that laws judge by, `own_rules` those of the market's own release, which tell what is."""
        changes = reader.changes
        self.asset, self.symbol, self.time = home.asset, home.symbol, time
        self.rules, self.growth_of_debt = rules, own_rules.growth_of_debt
        stored = _read_stored(home.reserve)
        written = changes.get(id(home.reserve))
        if written is not None:
            stored = tuple(map(written[1].get, _STORED, stored))
        self.configuration: int
        self.liquidity_index: int
        self.liquidity_rate: int
        self.borrow_index: int
        self.borrow_rate: int
        self.deficit: int
        self.last_update: int
        self.id: int
        self.grace_until: int
        self.accrued: int
        self.virtual: int
        self.isolated_debt: int
        self.unbacked: int
        (
            self.configuration,
            self.liquidity_index,
            self.liquidity_rate,
            self.borrow_index,
            self.borrow_rate,
            self.deficit,
            self.last_update,
            self.id,
            self.grace_until,
            self.accrued,
            self.virtual,
            self.isolated_debt,
            self.unbacked,
        ) = stored
        self.scaled_supply: int
        self.scaled_debt: int
        self.underlying: int
        if changes:
            self.scaled_supply = reader.field(home.a_token, "scaled_supply")
            self.scaled_debt = reader.field(home.debt_token, "scaled_supply")
            self.underlying = reader.entry(home.underlying_balances, home.a_token.address)
        else:
            self.scaled_supply, self.scaled_debt = home.a_token.scaled_supply, home.debt_token.scaled_supply
            self.underlying = home.underlying_balances[home.a_token.address]
        if not home.tracked:
            self.virtual = self.underlying
        self.stable = self.stable_offer = self.stable_principal = self.stable_rate = self.stable_since = 0
        if home.stable_token is not None:
            self._read_stable_debt(reader, home)
        self._project()

    def _read_stable_debt(self, reader: Reader, home: Home) -> None:
        """Read all debt at stable rates, which grows at the average of its rates since it last changed."""
        token = home.stable_token
        self.stable_offer = reader.field(home.reserve, "current_stable_borrow_rate")
        self.stable_principal = reader.field(token, "scaled_supply")
        self.stable_rate = reader.field(token, "average_stable_rate")
        self.stable_since = reader.field(token, "total_supply_timestamp")
        if self.stable_principal:
            growth = self.growth_of_debt(self.stable_rate, self.time - self.stable_since)
            self.stable = half_up(self.stable_principal, growth, RAY)

    def _project(self) -> None:
        self.synced: Any = None
        self.usage: int | None = None
        elapsed = self.time - self.last_update
        self.income, self.debt_index = self.liquidity_index, self.borrow_index
        if elapsed:
            self.income = half_up(self.liquidity_index, linear_growth(self.liquidity_rate, elapsed), RAY)
            self.debt_index = half_up(self.borrow_index, self.growth_of_debt(self.borrow_rate, elapsed), RAY)
        self.supply = self.scaled_supply * self.income // RAY
        self.claims = (self.scaled_supply + self.accrued) * self.income // RAY
        self.debt = -(-self.scaled_debt * self.debt_index // RAY) + self.stable
        self.slack = self.debt + self.virtual + self.deficit + self.unbacked - self.claims

    # The configuration word, read from its layout rather than through the engine's getters.

    def bits(self, start: int, width: int) -> int:
        """Read a field of the configuration word."""
        return self.configuration >> start & ((1 << width) - 1)

    @property
    def ltv(self) -> int:
        """Loan to value outside e-mode (bps)."""
        return self.configuration & 0xFFFF

    @property
    def threshold(self) -> int:
        """Liquidation threshold outside e-mode (bps)."""
        return self.configuration >> 16 & 0xFFFF

    @property
    def bonus(self) -> int:
        """Liquidation bonus outside e-mode (bps, 10000 is none)."""
        return self.configuration >> 32 & 0xFFFF

    @property
    def unit(self) -> int:
        """One whole token, in its smallest units."""
        return _UNITS[self.configuration >> 48 & 0xFF]

    @property
    def active(self) -> bool:
        """Is the reserve active? Bit 56."""
        return bool(self.configuration >> 56 & 1)

    @property
    def frozen(self) -> bool:
        """Is the reserve frozen? Bit 57."""
        return bool(self.configuration >> 57 & 1)

    @property
    def borrowing(self) -> bool:
        """May the asset be borrowed? Bit 58."""
        return bool(self.configuration >> 58 & 1)

    @property
    def paused(self) -> bool:
        """Is the reserve paused? Bit 60."""
        return bool(self.configuration >> 60 & 1)

    @property
    def flash_loans(self) -> bool:
        """May the asset be flash-loaned? Bit 63."""
        return bool(self.configuration >> 63 & 1)

    @property
    def reserve_factor(self) -> int:
        """The treasury's share of interest (bps)."""
        return self.configuration >> 64 & 0xFFFF

    @property
    def borrow_cap(self) -> int:
        """The borrow cap in whole tokens; 0 for none."""
        return self.configuration >> 80 & 0xFFFFFFFFF

    @property
    def supply_cap(self) -> int:
        """The supply cap in whole tokens; 0 for none."""
        return self.configuration >> 116 & 0xFFFFFFFFF

    @property
    def protocol_fee(self) -> int:
        """The treasury's share of the liquidation bonus (bps)."""
        return self.configuration >> 152 & 0xFFFF

    @property
    def category(self) -> int:
        """The asset's only e-mode category, bits 168 to 175; 0 for none. Until v3.1."""
        return self.configuration >> 168 & 0xFF

    @property
    def debt_ceiling(self) -> int:
        """The debt ceiling of an isolated collateral, in cents. Until v3.6."""
        return self.configuration >> 212 & 0xFFFFFFFFFF


class CategoryView:
    """An e-mode category at one moment; ratios in basis points."""

    __slots__ = (
        "bonus",
        "borrowable_bitmap",
        "collateral_bitmap",
        "id",
        "isolated",
        "ltv",
        "ltvzero_bitmap",
        "price_source",
        "threshold",
    )

    def __init__(self, changes: Changes, category_id: int, record: EModeCategory | None) -> None:
        """`changes` tell the record's old values."""
        at = changes.get(id(record)) if record is not None else None
        old = at[1] if at else _NOTHING
        source: Any = record if record is not None else _NO_CATEGORY
        self.id = category_id
        self.ltv: int = old.get("ltv", source.ltv)
        self.threshold: int = old.get("liquidation_threshold", source.liquidation_threshold)
        self.bonus: int = old.get("liquidation_bonus", source.liquidation_bonus)
        self.collateral_bitmap: int = old.get("collateral_bitmap", source.collateral_bitmap)
        self.borrowable_bitmap: int = old.get("borrowable_bitmap", source.borrowable_bitmap)
        self.ltvzero_bitmap: int = old.get("ltvzero_bitmap", source.ltvzero_bitmap)
        self.isolated: bool = bool(old.get("isolated", source.isolated))
        self.price_source: Address = ZERO_ADDRESS

    def admit(self, members: Iterable[ReserveView], price_source: Address) -> None:
        """Take members and price as releases have them where an asset is in one category only.

        Each can be borrowed, is collateral if it is one elsewhere, and lends nothing if it lends nothing elsewhere.
        """
        self.price_source = price_source
        for view in members:
            bit = 1 << view.id
            self.borrowable_bitmap |= bit
            self.collateral_bitmap |= bit if view.threshold else 0
            self.ltvzero_bitmap |= bit if view.threshold and not view.ltv else 0


def ltv_in(category: CategoryView, reserve: ReserveView) -> int:
    """Give the loan to value (bps) of a reserve for users of a category."""
    if category.collateral_bitmap >> reserve.id & 1:
        return 0 if category.ltvzero_bitmap >> reserve.id & 1 else category.ltv
    return 0 if category.isolated else reserve.ltv


def threshold_in(category: CategoryView, reserve: ReserveView) -> int:
    """Give the liquidation threshold (bps) of a reserve for users of a category."""
    return category.threshold if category.collateral_bitmap >> reserve.id & 1 else reserve.threshold


_NO_CATEGORY = EModeCategory(storage.Journal())
NO_CATEGORY = CategoryView({}, 0, None)
"""The view of no category at any moment: its bitmaps are empty."""
