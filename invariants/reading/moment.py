"""The state before or after a step, read through the undo journal."""

from __future__ import annotations

from pooltwin.protocol.address import ZERO_ADDRESS, Address

from .census import Census
from .changes import Changes
from .position import Holding, NoPriceError, Position, holdings_of, stable_debt
from .reader import Reader
from .seen import Seen
from .views import NO_CATEGORY, CategoryView, ReserveView, ltv_in, threshold_in


class Moment(Reader):
    """The state before or after a step: what is stored now, except where the journal remembers otherwise."""

    def __init__(
        self,
        census: Census,
        changes: Changes,
        time: int,
        shared: Seen | None = None,
        own: Seen | None = None,
    ) -> None:
        """`shared` was seen and did not change since; what is seen of this moment joins it.

        `own` are the reserves and users of which this moment differs, each as it was last seen, if it was.
        """
        super().__init__(changes)
        self.census = census
        self.time = time
        self._shared = shared if shared is not None else Seen()
        self._own = own
        self._reserves: dict[Address, ReserveView] = {}
        self._positions: dict[Address, Position] = {}
        self._prices: dict[Address, int] = {}
        self._categories: dict[int, CategoryView] = {}

    def reserve(self, asset: Address) -> ReserveView:
        """Read a listed reserve."""
        view = self._reserves.get(asset)
        if view is None:
            own = self._own
            kept = self._shared.reserves if own is None or asset not in own.reserves else own.reserves
            view = kept.get(asset)
            if view is None or view.time != self.time:
                census = self.census
                view = ReserveView(self, census.homes[asset], self.time, census.rules, census.own_rules)
                kept[asset] = view
            self._reserves[asset] = view
        return view

    def holdings(self, user: Address, flags: int) -> list[Holding]:
        """List every reserve in which a user has shares, debt or one of these bits."""
        own = self._own
        kept = self._shared.holdings if own is None or user not in own.holdings else own.holdings
        found = kept.get(user)
        if found is None:
            found = kept[user] = holdings_of(self, user, flags)
        return found

    def position(self, user: Address) -> Position:
        """Read a user's position."""
        position = self._positions.get(user)
        if position is None:
            position = self._positions[user] = Position(self, user)
        return position

    def shares(self, asset: Address, user: Address) -> int:
        """Read a user's scaled aToken balance."""
        balance: int = self.entry(self.census.homes[asset].a_balances, user)
        return balance

    def debt_shares(self, asset: Address, user: Address) -> int:
        """Read a user's scaled debt."""
        balance: int = self.entry(self.census.homes[asset].debt_balances, user)
        return balance

    def stable_debt(self, asset: Address, user: Address) -> int:
        """Reckon what a user owes at a rate of its own, in underlying units; from v3.2 on nothing."""
        stable = stable_debt(self, asset, user)
        return 0 if stable is None else stable.owed(self.census, self.time)

    def tokens(self, asset: Address, user: Address) -> int:
        """Read a user's balance of underlying tokens."""
        balance: int = self.entry(self.census.homes[asset].underlying_balances, user)
        return balance

    def flags(self, user: Address) -> int:
        """Read a user's word of borrow and collateral bits."""
        word: int = self.entry(self.census.pool.users_config, user)
        return word

    def price(self, asset: Address) -> int:
        """Read an asset's price, by feed, else by fallback. Raises NoPriceError where neither answers."""
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
            raise NoPriceError(f"no price of {census.name_of(asset)}")
        price: int = self.entry(fallback.prices, asset)
        return price

    def category(self, category_id: int) -> CategoryView:
        """Read an e-mode category; 0 is none, with empty bitmaps."""
        if not category_id:
            return NO_CATEGORY
        category = self._categories.get(category_id)
        if category is None:
            record = self.census.pool.e_modes.get(category_id)
            category = self._categories[category_id] = CategoryView(self.changes, category_id, record)
            if record is not None and self.census.one_category_each:
                members = (
                    reserve for reserve in map(self.reserve, self.census.homes) if reserve.category == category_id
                )
                category.admit(members, self.field(record, "price_source"))
        return category

    def common_price(self, category_id: int) -> int:
        """Read the price that a category has for all its assets; 0 where it has none, as from v3.2 on.

        Raises NoPriceError where its price source has none.
        """
        if not (category_id and self.census.one_category_each):
            return 0
        source = self.category(category_id).price_source
        return self.price(source) if source != ZERO_ADDRESS else 0

    def ltv(self, asset: Address, category_id: int) -> int:
        """Give the loan to value (bps) of an asset for users of a category."""
        return ltv_in(self.category(category_id), self.reserve(asset))

    def threshold(self, asset: Address, category_id: int) -> int:
        """Give the liquidation threshold (bps) of an asset for users of a category."""
        return threshold_in(self.category(category_id), self.reserve(asset))

    def bonus(self, asset: Address, category_id: int) -> int:
        """Give the liquidation bonus (bps) of an asset for users of a category."""
        reserve = self.reserve(asset)
        if category_id:
            category = self.category(category_id)
            if category.collateral_bitmap >> reserve.id & 1:
                return category.bonus
        return reserve.bonus

    def bonus_of(self, asset: Address, borrower: Address) -> int:
        """Give the bonus (bps) that a liquidator of a borrower is due for an asset: a fork's own, if it states one."""
        own = self.census.rules.bonus
        return self.bonus(asset, self.position(borrower).category_id) if own is None else own(self, asset, borrower)
