"""A scan of a whole book: exact health factors, liquidatable sets and liquidation prices of all accounts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.pool_storage import UserAccountData
from pooltwin.protocol.math.uint import MAX_UINT256

from .below import Verdicts, below_one
from .columns import BookOfAccounts, Columns, of_book, of_pool
from .figures import Figures, figures_of
from .layout import Layout, lay_out
from .liquidation_prices import LiquidationPrices, found_prices
from .numeric import Array, np
from .results import FIELDS, AccountTable, HealthFactors, LiquidatableSet
from .rule import Picture, Stand
from .shocks import Shock, changed
from .terms import Terms, terms_of
from .touched import Touched
from .values import Moment, moment_of, values_of

MANY = 16
"""A scan is read anew where more than one account in so many was touched."""


class Layer(NamedTuple):
    """Accounts laid out, and the row that each has in the scan."""

    layout: Layout
    rows: Array


class Scan:
    """All accounts of a market or of a book, ready to be asked at any prices and any later moment.

    Everything it tells is what the pool's own view would tell, to the last digit. It is a picture: positions, prices,
    indexes and parameters are those of the moment when it was made or last refreshed.
    """

    def __init__(self, market: Any, columns: Columns) -> None:
        """Scan columns against a market's parameters; `Scan.of` reads them."""
        self._market = market
        self._touched: Touched | None = None
        self._own_columns: Columns | None = columns
        self._read(columns)

    @classmethod
    def of(cls, market: Any, book: BookOfAccounts | None = None) -> Self:
        """Scan all accounts of a running market, or those of a book against the market's parameters and prices.

        Raises ValueError for a book with accounts in a reserve that the market does not list, and for a fork whose view
        of accounts is its own.
        """
        if book is not None:
            pool = market.pool
            return cls(market, of_book(book, {key: pool.reserves[asset].id for key, asset in market.assets.items()}))
        watched = Touched(market.pool)
        scan = cls(market, of_pool(market.pool))
        scan._touched, scan._own_columns = watched, None
        return scan

    def _read(self, columns: Columns) -> None:
        self._picture = Picture(self._market.pool)
        self._keys = {asset: key for key, asset in self._market.assets.items()}
        self._accounts: Sequence[Address] = columns.accounts
        self._changed: set[Address] = set()
        self._terms = terms_of(self._picture, self._keys, np.unique(columns.e_modes).tolist())
        self._layers = [Layer(lay_out(columns, self._terms), np.arange(len(columns)))]

    def refresh(self) -> int:
        """Take a new picture: of prices, indexes and parameters, and of the accounts that were touched meanwhile.

        The journal tells who was touched. Returns how many accounts were read; all are where the journal cannot tell,
        where many were touched, and where what reserves and categories mean has changed. Rows keep their accounts; new
        accounts come behind the others, until all are read anew.
        """
        if self._own_columns is not None:
            self._read(self._own_columns)
            return 0
        pool, base = self._market.pool, self._layers[0].layout
        touched = None if self._touched is None else self._touched.taken(pool)
        if touched is None or len(self._changed | touched) * MANY > len(base.columns):
            return self._read_anew()
        before, self._picture = self._terms, Picture(pool)
        self._keys = {asset: key for key, asset in self._market.assets.items()}
        self._changed |= touched
        columns = of_pool(pool, sorted(self._changed))
        modes = np.unique(np.concatenate([base.columns.e_modes, columns.e_modes])).tolist()
        self._terms = terms_of(self._picture, self._keys, modes)
        if not _means_the_same(before, self._terms):
            return self._read_anew()
        self._layers[1:] = [Layer(lay_out(columns, self._terms), self._rows_for(columns.accounts))]
        return len(columns)

    def _read_anew(self) -> int:
        pool = self._market.pool
        self._touched = Touched(pool)
        self._read(of_pool(pool))
        return len(self._accounts)

    def _rows_for(self, accounts: Sequence[Address]) -> Array:
        """Find the rows of some accounts; those without one get new ones at the end."""
        if not isinstance(self._accounts, dict):
            self._accounts = list(self._accounts)
        row_of = {name: row for row, name in enumerate(self._accounts)}
        for name in accounts:
            row_of.setdefault(name, len(row_of))
        self._accounts = list(row_of)
        return np.array([row_of[name] for name in accounts], np.int64)

    # --- what is scanned ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._accounts)

    @property
    def accounts(self) -> Sequence[Address]:
        """The address of each row."""
        return self._accounts

    @property
    def time(self) -> int:
        """The second of the picture."""
        return self._picture.time

    @property
    def prices(self) -> dict[str, int | None]:
        """The prices of the picture by key of the asset, None where the oracle tells none.

        The common price of a category, until v3.0.2, stands under its source's address unless that is an asset.
        """
        return {self._keys.get(asset, asset): price for asset, price in self._picture.prices.items()}

    @property
    def nbytes(self) -> int:
        """The memory taken by the accounts as they are laid out, addresses not counted."""
        return sum([layer.layout.nbytes for layer in self._layers])

    def prices_after(self, shock: Shock) -> dict[str, int]:
        """Tell the prices that a shock changes, by key. Raises ValueError for an asset that the scan does not know."""
        known, new = self.prices, {}
        for name, change in shock.items():
            if name not in known:
                raise ValueError(f"{name!r} is not listed; listed are {', '.join(known)}")
            new[name] = changed(known[name], change, name)
        return new

    # --- what is asked ------------------------------------------------------------------------------------------------

    def account_data(self, prices: Shock | None = None, time: int | None = None) -> AccountTable:
        """Tell the six figures of `getUserAccountData` of all accounts, exactly.

        `prices` by key replace those of the picture: a price with 8 decimals, a factor, or a text as "-20%". `time` is
        a second not before the picture's: interest accrues until then.
        """
        layers = self._figures(prices, time, credit=True)
        names = dict(zip(FIELDS[:5], ("collateral", "debt", "borrows", "threshold", "ltv"), strict=True))
        words = {name: self._joined([getattr(figures, own) for _, figures, _ in layers]) for name, own in names.items()}
        told = self._told(layers).items()
        beyond = {row: account for row, account in told if account is not None and max(account[:5]) >= 1 << 64}
        in_python = sum(number for _, _, number in layers)
        return AccountTable(self._health(layers), words, beyond, in_python)

    def health_factors(self, prices: Shock | None = None, time: int | None = None) -> HealthFactors:
        """Tell the health factor of all accounts, exactly; prices and time as in `account_data`."""
        return self._health(self._figures(prices, time, credit=False))

    def liquidatable(self, shocks: Sequence[Shock] = ({},), time: int | None = None) -> list[LiquidatableSet]:
        """Tell who can be liquidated after each of some shocks, exactly: whose health factor is below 1.

        Floats with a proven bound decide about nearly all accounts, exact integers about those that are too close.
        """
        vectors = [self._vector(shock) for shock in shocks]
        stands = [Stand(self._picture, self._moment(time), vector) for vector in vectors]
        layers = [
            (layer, below_one(layer.layout, self._terms, [moment_of(layer.layout, self._terms, s) for s in stands]))
            for layer in self._layers
        ]
        named = [{self._keys.get(asset, asset): price for asset, price in vector.items()} for vector in vectors]
        return [
            self._set([(layer, verdicts[number]) for layer, verdicts in layers], named[number])
            for number in range(len(vectors))
        ]

    def liquidation_prices(self, assets: str | Sequence[str], time: int | None = None) -> LiquidationPrices:
        """Tell at which price of an asset each account can be liquidated, all else unchanged, to the unit.

        Several assets move together, each in the ratio that its price has to the first one's now, rounded down; the
        price told is the first one's. Raises ValueError for assets that are not listed, have no price or are named
        twice, and for a fork whose rule is its own.
        """
        moving = self._moving([assets] if isinstance(assets, str) else list(assets))
        if not self._terms.is_released:
            raise ValueError("accounts are judged by a rule of a fork's own: only liquidatable() can ask it")
        stand = Stand(self._picture, self._moment(time), self._picture.prices)
        found = []
        for layer in self._layers:
            (now,) = below_one(layer.layout, self._terms, [moment_of(layer.layout, self._terms, stand)])
            found.append(found_prices(layer.layout, self._terms, stand, moving, now.below, now.fails))
        ways, prices = self._joined([each for each, _, _ in found]), self._joined([each for _, each, _ in found])
        return LiquidationPrices(
            self.accounts, self._keys[moving[0]], ways, prices, sum(number for *_, number in found)
        )

    # --- how ----------------------------------------------------------------------------------------------------------

    def _moment(self, time: int | None) -> int:
        if time is None:
            return self.time
        if isinstance(time, bool) or not isinstance(time, int) or not self.time <= time < 1 << 40:
            raise ValueError(f"time: {time!r} is no second from {self.time} (the picture's) to {(1 << 40) - 1}")
        return time

    def _vector(self, prices: Shock | None) -> dict[Address, int | None]:
        vector = dict(self._picture.prices)
        asset_of = {self._keys.get(asset, asset): asset for asset in vector}
        for name, price in self.prices_after(prices or {}).items():
            vector[asset_of[name]] = price
        return vector

    def _moving(self, names: Sequence[str]) -> list[Address]:
        asset_of = {key: asset for asset, key in self._keys.items()}
        if not names:
            raise ValueError("name at least one asset whose price moves")
        for name in names:
            if name not in asset_of:
                raise ValueError(f"{name!r} is not listed; listed are {', '.join(asset_of)}")
            if not self._picture.prices[asset_of[name]]:
                raise ValueError(f"{name}: the oracle tells no price above zero")
            if list(names).count(name) > 1:
                raise ValueError(f"{name} is named twice")
        return [asset_of[name] for name in names]

    def _figures(self, prices: Shock | None, time: int | None, credit: bool) -> list[tuple[Layer, Figures, int]]:
        stand = Stand(self._picture, self._moment(time), self._vector(prices))
        found = []
        for layer in self._layers:
            moment: Moment = moment_of(layer.layout, self._terms, stand)
            values = values_of(layer.layout, self._terms, moment)
            figures = figures_of(layer.layout, self._terms, moment, values, credit=credit)
            found.append((layer, figures, values.python))
        return found

    def _joined(self, by_place: Sequence[Array]) -> Array:
        """Bring what each layer tells by place into the order of the accounts."""
        base = by_place[0].take(self._layers[0].layout.place_of)
        if len(self._layers) == 1:
            return base
        whole = np.zeros(len(self), base.dtype)
        whole[: len(base)] = base
        for layer, column in zip(self._layers[1:], by_place[1:], strict=True):
            whole[layer.rows] = column.take(layer.layout.place_of)
        return whole

    def _health(self, layers: list[tuple[Layer, Figures, int]]) -> HealthFactors:
        told = self._told(layers)
        fails = np.zeros(len(self), np.bool_)
        fails[[row for row, account in told.items() if account is None]] = True
        beyond = {
            row: account.health_factor
            for row, account in told.items()
            if account is not None and 1 << 128 <= account.health_factor < MAX_UINT256
        }
        low, high, owes = (
            self._joined([getattr(figures, name) for _, figures, _ in layers])
            for name in ("health_low", "health_high", "owes")
        )
        by_rule = sum(len(figures.beyond) for _, figures, _ in layers)
        return HealthFactors(self.accounts, low, high, owes, fails, beyond, by_rule)

    def _told(self, layers: list[tuple[Layer, Figures, int]]) -> dict[int, UserAccountData | None]:
        """List by row what the rule was asked and told; of accounts read again, what it told of them last."""
        found: dict[int, UserAccountData | None] = {}
        for layer, figures, _ in layers:
            if layer is not self._layers[0]:
                for row in layer.rows.tolist():
                    found.pop(row, None)
            rows = layer.rows[layer.layout.row_at[list(figures.beyond)]] if figures.beyond else np.zeros(0, np.int64)
            found.update(zip(rows.tolist(), figures.beyond.values(), strict=True))
        return found

    def _set(self, layers: list[tuple[Layer, Verdicts]], prices: Mapping[str, int | None]) -> LiquidatableSet:
        fails = np.zeros(len(self), np.bool_)
        for layer, verdicts in layers:
            fails[layer.rows] = False
            fails[layer.rows[layer.layout.row_at[list(verdicts.fails)]]] = True
        return LiquidatableSet(
            self.accounts,
            self._joined([verdicts.below for _, verdicts in layers]),
            sum(verdicts.close for _, verdicts in layers),
            sum(verdicts.odd for _, verdicts in layers),
            np.flatnonzero(fails).astype(np.int32),
            prices,
        )


def _means_the_same(before: Terms, after: Terms) -> bool:
    """Tell whether accounts laid out by some terms can be read by others: assets and whose price counts are equal."""
    assets = {number: reserve.asset for number, reserve in before.reserves.items()}
    if any(number not in after.reserves or after.reserves[number].asset != asset for number, asset in assets.items()):
        return False
    sources = {key: weight and weight.source for key, weight in before.weights.items()}
    now = {key: weight and weight.source for key, weight in after.weights.items()}
    return all(now.get(key, 0) == source for key, source in sources.items()) and before.sources.items() <= (
        after.sources.items()
    )
