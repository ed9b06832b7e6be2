"""One step of a history as laws see it: before, call, receipt, after.

`before` is read through the undo journal, which holds the old value of every place the step wrote and of no other; so
looking at the past copies nothing, and what a step touched is known without searching.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.state import storage
from pooltwin.protocol.state.records import EModeCategory, Reserve

from .reference import BPS, NO_DEBT_HEALTH, RAY, WAD, growth_of_debt, half_up, linear_growth

if TYPE_CHECKING:
    from pooltwin.protocol.chain import Receipt

    from .census import Census

_NEVER_WRITTEN = storage._MISSING

Changes = dict[int, tuple[Any, dict[Any, Any]]]
"""By the identity of a record or ledger: itself, and the old value of each of its places that was written."""

TIME_PASSES = "time"
PRICE_MOVES = "price"


def read_changes(entries: list[tuple[Any, Any, Any]], start: int) -> Changes:
    """What the journal says was written since a position, with the values of that moment."""
    changes: Changes = {}
    for index in range(len(entries) - 1, start - 1, -1):
        where, key, old = entries[index]
        written = changes.get(id(where))
        if written is None:
            changes[id(where)] = (where, {key: old})
        else:
            written[1][key] = old
    return changes


class ReserveView:
    """A reserve at one moment. Scaled figures and indexes as stored; `income` and `debt_index` projected to then.

    `claims = floor((supply + accrued) * income)` is what lenders and treasury are owed, `debt = ceil(scaled debt *
    index)` what borrowers owe, and `slack = debt + virtual + deficit - claims`.
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
        "id",
        "income",
        "isolated_debt",
        "last_update",
        "liquidity_index",
        "liquidity_rate",
        "scaled_debt",
        "scaled_supply",
        "slack",
        "supply",
        "symbol",
        "synced",
        "time",
        "underlying",
        "virtual",
    )

    def __init__(self, moment: Moment, asset: Address) -> None:
        home = moment.census.homes[asset]
        reserve, at = home.reserve, moment.changes.get(id(home.reserve))
        old = at[1] if at else _NOTHING
        self.asset, self.symbol, self.time = asset, home.symbol, moment.time
        self.configuration: int = old.get("configuration", reserve.configuration)
        self.liquidity_index: int = old.get("liquidity_index", reserve.liquidity_index)
        self.liquidity_rate: int = old.get("current_liquidity_rate", reserve.current_liquidity_rate)
        self.borrow_index: int = old.get("variable_borrow_index", reserve.variable_borrow_index)
        self.borrow_rate: int = old.get("current_variable_borrow_rate", reserve.current_variable_borrow_rate)
        self.deficit: int = old.get("deficit", reserve.deficit)
        self.last_update: int = old.get("last_update_timestamp", reserve.last_update_timestamp)
        self.id: int = old.get("id", reserve.id)
        self.grace_until: int = old.get("liquidation_grace_period_until", reserve.liquidation_grace_period_until)
        self.accrued: int = old.get("accrued_to_treasury", reserve.accrued_to_treasury)
        self.virtual: int = old.get("virtual_underlying_balance", reserve.virtual_underlying_balance)
        self.isolated_debt: int = old.get("isolation_mode_total_debt", reserve.isolation_mode_total_debt)
        self.scaled_supply: int = moment.field(home.a_token, "scaled_supply")
        self.scaled_debt: int = moment.field(home.debt_token, "scaled_supply")
        self.underlying: int = moment.entry(home.underlying_balances, home.a_token.address)
        self.synced: Any = None
        self._project(moment)

    def _project(self, moment: Moment) -> None:
        elapsed = self.time - self.last_update
        self.income, self.debt_index = self.liquidity_index, self.borrow_index
        if elapsed:
            self.income = half_up(self.liquidity_index, linear_growth(self.liquidity_rate, elapsed), RAY)
            self.debt_index = half_up(self.borrow_index, moment.census.growth(self.borrow_rate, elapsed), RAY)
        self.supply = self.scaled_supply * self.income // RAY
        self.claims = (self.scaled_supply + self.accrued) * self.income // RAY
        self.debt = -(-self.scaled_debt * self.debt_index // RAY)
        self.slack = self.debt + self.virtual + self.deficit - self.claims

    # The configuration word, read from its layout rather than through the engine's getters.

    def bits(self, start: int, width: int) -> int:
        """A field of the configuration word."""
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
        """One whole token."""
        return int(10 ** (self.configuration >> 48 & 0xFF))

    @property
    def active(self) -> bool:
        """Bit 56."""
        return bool(self.configuration >> 56 & 1)

    @property
    def frozen(self) -> bool:
        """Bit 57."""
        return bool(self.configuration >> 57 & 1)

    @property
    def borrowing(self) -> bool:
        """Bit 58."""
        return bool(self.configuration >> 58 & 1)

    @property
    def paused(self) -> bool:
        """Bit 60."""
        return bool(self.configuration >> 60 & 1)

    @property
    def flash_loans(self) -> bool:
        """Bit 63."""
        return bool(self.configuration >> 63 & 1)

    @property
    def reserve_factor(self) -> int:
        """The treasury's share of interest (bps)."""
        return self.configuration >> 64 & 0xFFFF

    @property
    def borrow_cap(self) -> int:
        """In whole tokens; 0 for none."""
        return self.configuration >> 80 & 0xFFFFFFFFF

    @property
    def supply_cap(self) -> int:
        """In whole tokens; 0 for none."""
        return self.configuration >> 116 & 0xFFFFFFFFF

    @property
    def protocol_fee(self) -> int:
        """The treasury's share of the liquidation bonus (bps)."""
        return self.configuration >> 152 & 0xFFFF

    @property
    def debt_ceiling(self) -> int:
        """Of an isolated collateral, in cents; until v3.6."""
        return self.configuration >> 212 & 0xFFFFFFFFFF


_NOTHING: dict[Any, Any] = {}


class Holding(NamedTuple):
    """A user in one reserve."""

    asset: Address
    id: int
    scaled_supply: int
    scaled_debt: int
    collateral_bit: bool
    borrow_bit: bool


class Position:
    """A user's whole position at one moment, recomputed naively: debts count whatever the borrow bits say."""

    def __init__(self, moment: Moment, user: Address) -> None:
        self.moment = moment
        self.user = user
        self.flags: int = moment.entry(moment.census.pool.users_config, user)
        self.category_id: int = moment.entry(moment.census.pool.users_e_mode, user)

    @cached_property
    def holdings(self) -> list[Holding]:
        """Every reserve in which the user has shares, debt or a bit."""
        moment, user, flags = self.moment, self.user, self.flags
        entry = moment.entry if moment.changes else _present
        found = []
        for asset, home in moment.census.homes.items():
            supplied = entry(home.a_balances, user)
            owed = entry(home.debt_balances, user)
            bits = flags >> (home.id << 1) & 3
            if supplied or owed or bits:
                found.append(Holding(asset, home.id, supplied, owed, bool(bits & 2), bool(bits & 1)))
        return found

    @cached_property
    def sums(self) -> AccountSums:
        """Collateral, debt and what weighs on them in base currency. Raises NoPriceError where an asset has none."""
        return weigh(self.moment, self.category_id, self.holdings)

    @property
    def health(self) -> int:
        """The health factor (wad): 2**256 - 1 for a user whose debt is worth nothing."""
        return self.sums.health

    @property
    def priced(self) -> bool:
        """Has every asset of the position a price?"""
        try:
            _ = self.sums
        except NoPriceError:
            return False
        return True

    @property
    def indebted(self) -> bool:
        """Does the user owe anything?"""
        return any(holding.scaled_debt for holding in self.holdings)

    def ltv_of(self, asset: Address) -> int:
        """The loan to value (bps) an asset has for this user's e-mode category."""
        return self.moment.ltv(asset, self.category_id)


def _present(ledger: Any, key: Any) -> Any:
    return ledger[key]


class NoPriceError(Exception):
    """Neither feed nor fallback prices an asset."""


class AccountSums(NamedTuple):
    """A position in base currency. Weighted sums are base currency times bps."""

    collateral: int
    debt: int
    weighted_ltv: int
    weighted_threshold: int
    lends_nothing: bool
    """Is an ltv-zero asset among the collateral?"""
    health: int


def weigh(moment: Moment, category_id: int, holdings: list[Holding]) -> AccountSums:
    """What a set of holdings amounts to for a user of a category. Raises NoPriceError where an asset has no price."""
    collateral = debt = weighted_ltv = weighted_threshold = 0
    lends_nothing = False
    for holding in holdings:
        if not (holding.collateral_bit or holding.scaled_debt):
            continue
        reserve = moment.reserve(holding.asset)
        price, unit = moment.price(holding.asset), reserve.unit
        if holding.collateral_bit:
            value = holding.scaled_supply * reserve.income // RAY * price // unit
            ltv = moment.ltv(holding.asset, category_id)
            collateral += value
            weighted_ltv += value * ltv
            weighted_threshold += value * moment.threshold(holding.asset, category_id)
            lends_nothing = lends_nothing or ltv == 0
        if holding.scaled_debt:
            owed = -(-holding.scaled_debt * reserve.debt_index // RAY)
            debt += -(-owed * price // unit)
    health = half_up(weighted_threshold, WAD, debt) // BPS if debt else NO_DEBT_HEALTH
    return AccountSums(collateral, debt, weighted_ltv, weighted_threshold, lends_nothing, health)


class Moment:
    """The state before or after a step: what is stored now, except where the journal remembers otherwise."""

    def __init__(
        self, census: Census, changes: Changes, time: int, shared: dict[Address, ReserveView] | None = None
    ) -> None:
        """`shared` are views of reserves that did not change since they were taken; views of this moment join them."""
        self.census = census
        self.changes = changes
        self.time = time
        self._shared: dict[Address, ReserveView] = shared if shared is not None else {}
        self._reserves: dict[Address, ReserveView] = {}
        self._positions: dict[Address, Position] = {}
        self._prices: dict[Address, int] = {}

    def field(self, record: Any, name: str) -> Any:
        """A field of a struct or contract."""
        written = self.changes.get(id(record))
        if written is not None and name in written[1]:
            return written[1][name]
        return getattr(record, name)

    def entry(self, ledger: Any, key: Any) -> Any:
        """An entry of a mapping."""
        written = self.changes.get(id(ledger))
        if written is not None and key in written[1]:
            old = written[1][key]
            return ledger.default if old is _NEVER_WRITTEN else old
        return ledger[key]

    def reserve(self, asset: Address) -> ReserveView:
        """A listed reserve."""
        view = self._reserves.get(asset)
        if view is None:
            view = self._shared.get(asset)
            if view is None or view.time != self.time:
                view = self._shared[asset] = ReserveView(self, asset)
            self._reserves[asset] = view
        return view

    def position(self, user: Address) -> Position:
        """A user's position."""
        position = self._positions.get(user)
        if position is None:
            position = self._positions[user] = Position(self, user)
        return position

    def shares(self, asset: Address, user: Address) -> int:
        """A user's scaled aToken balance."""
        balance: int = self.entry(self.census.homes[asset].a_balances, user)
        return balance

    def debt_shares(self, asset: Address, user: Address) -> int:
        """A user's scaled debt."""
        balance: int = self.entry(self.census.homes[asset].debt_balances, user)
        return balance

    def tokens(self, asset: Address, user: Address) -> int:
        """A user's underlying tokens."""
        balance: int = self.entry(self.census.homes[asset].underlying_balances, user)
        return balance

    def flags(self, user: Address) -> int:
        """A user's word of borrow and collateral bits."""
        word: int = self.entry(self.census.pool.users_config, user)
        return word

    def price(self, asset: Address) -> int:
        """An asset's price, by feed, else by fallback. Raises NoPriceError where neither answers."""
        price = self._prices.get(asset)
        if price is None:
            price = self._prices[asset] = self._read_price(asset)
        return price

    def _read_price(self, asset: Address) -> int:
        census, contracts = self.census, self.census.chain.contracts
        oracle = census.oracle
        feed = contracts[self.entry(oracle.sources, asset)]
        if feed is not None:
            answer: int = self.field(feed, "answer")
            if answer > 0:
                return answer
        fallback = contracts[self.field(oracle, "fallback")]
        if fallback is None:
            raise NoPriceError(f"no price of {census.homes[asset].symbol}")
        price: int = self.entry(fallback.prices, asset)
        return price

    def category(self, category_id: int) -> CategoryView:
        """An e-mode category; 0 is none, with empty bitmaps."""
        return CategoryView(self, category_id)

    def ltv(self, asset: Address, category_id: int) -> int:
        """The loan to value (bps) of an asset for users of a category."""
        reserve = self.reserve(asset)
        if category_id:
            category = self.category(category_id)
            if category.collateral_bitmap >> reserve.id & 1:
                return 0 if category.ltvzero_bitmap >> reserve.id & 1 else category.ltv
            if category.isolated:
                return 0
        return reserve.ltv

    def threshold(self, asset: Address, category_id: int) -> int:
        """The liquidation threshold (bps) of an asset for users of a category."""
        reserve = self.reserve(asset)
        if category_id:
            category = self.category(category_id)
            if category.collateral_bitmap >> reserve.id & 1:
                return category.threshold
        return reserve.threshold

    def bonus(self, asset: Address, category_id: int) -> int:
        """The liquidation bonus (bps) of an asset for users of a category."""
        reserve = self.reserve(asset)
        if category_id:
            category = self.category(category_id)
            if category.collateral_bitmap >> reserve.id & 1:
                return category.bonus
        return reserve.bonus


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
        "threshold",
    )

    def __init__(self, moment: Moment, category_id: int) -> None:
        record = moment.census.pool.e_modes.get(category_id) if category_id else None
        at = moment.changes.get(id(record)) if record is not None else None
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


_NO_CATEGORY = EModeCategory(storage.Journal())


class ReserveChange(NamedTuple):
    """A reserve that a step touched."""

    step: Step
    before: ReserveView
    after: ReserveView

    def __str__(self) -> str:
        return str(self.after.symbol)


class UserChange(NamedTuple):
    """A user whose balances, bits or category a step touched."""

    step: Step
    before: Position
    after: Position

    def __str__(self) -> str:
        return self.step.census.name_of(self.after.user)


class CategoryChange(NamedTuple):
    """An e-mode category that a step touched."""

    step: Step
    before: CategoryView
    after: CategoryView

    def __str__(self) -> str:
        return f"category {self.after.id}"


class Step:
    """One step: a transaction, the passing of time or a move of a price.

    `name` is the contract and its Solidity function, as "pool.supply", or "time" or "price".
    """

    def __init__(self, census: Census, number: int, name: str, receipt: Receipt | None, changes: Changes) -> None:
        self.census = census
        self.number = number
        self.name = name
        self.receipt = receipt
        self.changes = changes
        now = census.chain.time
        touched = census.touched_assets(changes)
        views = census.views
        for asset in touched:
            views.pop(asset, None)
        before = _time_before(census, changes)
        still = before == now
        # A reserve that the step left alone is the same before and after; a touched one has a view of its own before.
        self.before = Moment(census, changes, before, _Apart(views, touched) if still else None)
        self.after = Moment(census, {}, now, views)
        self.ok = receipt is None or receipt.revert is None
        self.memory: dict[Any, Any] = {}
        self.calm_since = 0
        """The number of the last step before this one in which time, a price or a setting moved."""

    @property
    def sender(self) -> Address:
        """Who called."""
        return self.receipt.sender if self.receipt is not None else ZERO_ADDRESS

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The call's arguments in the order of its signature."""
        return tuple(self.receipt.arguments) if self.receipt is not None else ()

    @property
    def value(self) -> Any:
        """What the call returned."""
        return self.receipt.value if self.receipt is not None else None

    @cached_property
    def events(self) -> list[tuple[Address, Any]]:
        """The events with their emitters, in order."""
        return self.receipt._logs if self.receipt is not None else []

    def events_of(self, kind: type[Any]) -> Iterator[Any]:
        """The events of one kind."""
        return (event for _, event in self.events if type(event) is kind)

    @property
    def same_time(self) -> bool:
        """Did no time pass in this step? (Every call.)"""
        return self.before.time == self.after.time

    @cached_property
    def reserves(self) -> dict[Address, ReserveChange]:
        """The touched reserves; all of them after time has passed."""
        assets: Mapping[Address, Any]
        if self.before.time != self.after.time:
            assets = self.census.homes
        else:
            assets = dict.fromkeys(self.census.touched_assets(self.changes))
        return {asset: ReserveChange(self, self.before.reserve(asset), self.after.reserve(asset)) for asset in assets}

    @cached_property
    def users(self) -> dict[Address, UserChange]:
        """The touched users."""
        touched = self.census.touched_users(self.changes)
        return {user: UserChange(self, self.before.position(user), self.after.position(user)) for user in touched}

    @cached_property
    def categories(self) -> dict[int, CategoryChange]:
        """The touched e-mode categories."""
        touched = self.census.touched_categories(self.changes)
        return {
            number: CategoryChange(self, self.before.category(number), self.after.category(number))
            for number in touched
        }

    def __str__(self) -> str:
        return self.census.describe(self)


class _Apart(dict[Address, ReserveView]):
    """Shared views, with touched reserves kept apart."""

    def __init__(self, views: dict[Address, ReserveView], touched: list[Address]) -> None:
        super().__init__()
        self.views = views
        self.touched = touched

    def get(self, asset: Address, default: Any = None) -> Any:
        return default if asset in self.touched else self.views.get(asset, default)

    def __setitem__(self, asset: Address, view: ReserveView) -> None:
        if asset not in self.touched:
            self.views[asset] = view


def _time_before(census: Census, changes: Changes) -> int:
    written = changes.get(id(census.chain))
    time: int = written[1].get("time", census.chain.time) if written else census.chain.time
    return time


__all__ = ["Moment", "NoPriceError", "Position", "Reserve", "ReserveView", "Step", "growth_of_debt"]
