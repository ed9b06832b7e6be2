"""The census of a market: which storage belongs to which reserve, so that a journal entry can be told what it means."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision, revision_named
from pooltwin.protocol.state.records import Reserve
from pooltwin.protocol.state.storage import Ledger

from ..call_names import NAMES_OF_KINDS
from ..rules import Rules, declaration_of, rules_declared_by
from .changes import Changes
from .widths import declared_widths

RAY_PER_BPS = 10**23


class Home(NamedTuple):
    """The places where one reserve's figures are stored."""

    asset: Address
    symbol: str
    id: int
    reserve: Reserve
    a_token: AToken
    debt_token: VariableDebtToken
    a_balances: Ledger[Address, int]
    debt_balances: Ledger[Address, int]
    underlying_balances: Ledger[Address, int]
    tracked: bool
    """Does the pool keep a balance of its own of what the reserve holds, apart from gifts? From v3.1 on."""
    stable_token: Any = None
    """The token of debts at stable rates; None where a release has none, as from v3.2 on."""


MANY = 64
"""More people than laws look at in one step."""


class Census:
    """The storage of one market by identity, and names for addresses. Taken again when contracts change."""

    def __init__(
        self,
        market: Market,
        names: dict[Address, str] | None = None,
        judged_by: str = "",
        declared: Revision | None = None,
    ) -> None:
        """`judged_by` is the release whose rules laws judge by; the market's own unless given.

        `declared` is what the market's engine says that it is, where its record does not tell: a fork with a fault.
        """
        self.market = market
        self.names = names if names is not None else {}
        self.chain = market.chain
        self._declared = declared
        self.judge: Revision = revision_named(judged_by) if judged_by else self.declaration
        """The record by which laws judge."""
        self.rules = rules_declared_by(self.judge)
        self.thorough = False
        """Do laws look at every bystander of a step, where else they look at one in turn? For short histories."""
        self._people: tuple[Address, ...] = ()
        self._call_names: dict[tuple[str, Any], str] = {}
        self.take()

    @property
    def declaration(self) -> Revision:
        """What the market's engine says that it is."""
        record, declared = self.chain.revision, self._declared
        return declared if declared is not None and declared.name == record.name else declaration_of(record)

    def take(self) -> None:
        """Look up every contract of the market."""
        market, contracts = self.market, self.chain.contracts
        self.own_rules: Rules = rules_declared_by(self.declaration)
        """The rules of the market's own release, whatever it is judged by."""
        self.pool: Any = market.pool
        self.oracle: Any = market.oracle
        self.provider: Any = market.provider
        self.homes: dict[Address, Home] = {}
        self.one_category_each: bool = self.chain.revision.e_modes_have_prices
        """Is an asset in one e-mode category at most, as its configuration says?"""
        tracked: bool = self.chain.revision.virtual_balances
        self.has_stable_debt: bool = self.chain.revision.stable_rates
        """Can a debt cost what it did when it was taken? In v3.0.2."""
        self._one_strategy: bool = not self.chain.revision.strategies_per_reserve
        self.bridged: list[Any] = []
        """Tokens that tell what is locked for them elsewhere."""
        for name, asset in market.assets.items():
            reserve: Any = self.pool.reserves[asset]
            a_token, debt_token = contracts[reserve.a_token], contracts[reserve.variable_debt_token]
            token = contracts[asset]
            if hasattr(type(token), "locked"):
                self.bridged.append(token)
            self.homes[asset] = Home(
                asset,
                name,
                reserve.id,
                reserve,
                a_token,
                debt_token,
                a_token.scaled_balances,
                debt_token.scaled_balances,
                token.balances,
                tracked,
                contracts[reserve.stable_debt_token] if self.has_stable_debt else None,
            )
        self._index()

    def _index(self) -> None:
        self.balances = tuple(
            (asset, home.id, home.a_balances, home.debt_balances, id(home.a_balances), id(home.debt_balances))
            for asset, home in self.homes.items()
        )
        """For each reserve: asset, id, shares and debts, and the identities of both."""
        self.stable_tokens = [home.stable_token for home in self.homes.values() if home.stable_token is not None]
        self.asset_at: dict[int, Address] = {}
        self.user_ledgers: dict[int, Ledger[Address, int]] = {}
        for asset, home in self.homes.items():
            places = (home.reserve, home.a_token, home.debt_token, home.a_balances, home.debt_balances)
            self.asset_at.update(dict.fromkeys(map(id, (*places, home.underlying_balances)), asset))
            for ledger in (home.a_balances, home.debt_balances):
                self.user_ledgers[id(ledger)] = ledger
            token = home.stable_token
            if token is not None:
                self.asset_at.update(dict.fromkeys(map(id, (token, token.scaled_balances)), asset))
                self.user_ledgers[id(token.scaled_balances)] = token.scaled_balances
        for ledger in (self.pool.users_config, self.pool.users_e_mode):
            self.user_ledgers[id(ledger)] = ledger
        oracle, contracts = self.oracle, self.chain.contracts
        feeds = [contracts[source] for source in oracle.sources.values()]
        self.feeds: dict[int, Address] = {id(contracts[oracle.sources[asset]]): asset for asset in self.homes}
        """By the identity of a feed, an asset whose price it tells."""
        fallback = contracts[oracle.fallback]
        prices = getattr(fallback, "prices", fallback)
        self._categories = len(self.pool.e_modes)
        self._foundations = set(
            map(
                id,
                (
                    self.chain.contracts,
                    self.pool,
                    self.pool.reserves_list,
                    self.provider.addresses,
                    oracle,
                    oracle.sources,
                ),
            )
        )
        """Where it is written which contracts and assets there are."""
        self.restless_places = set(
            map(id, (oracle, oracle.sources, fallback, prices, *feeds, *self.pool.e_modes.values()))
        )
        """What prices and categories are stored in."""
        self.restless_places.discard(id(None))
        tokens = [token for home in self.homes.values() for token in (home.a_token, home.debt_token)]
        tokens += self.stable_tokens
        self.widths = declared_widths((self.pool, self.market.configurator, *tokens), self.chain.revision)

    def curve(self, asset: Address) -> tuple[int, int, int, int]:
        """Read a reserve's rate curve from its strategy: optimal usage, base rate and both slopes (ray)."""
        strategy: Any = self._strategy_of(asset)
        if hasattr(type(strategy), "models"):
            optimal, base, slope1, slope2 = strategy.models[asset].bps
            return optimal * RAY_PER_BPS, base * RAY_PER_BPS, slope1 * RAY_PER_BPS, slope2 * RAY_PER_BPS
        rate = strategy.base_variable_borrow_rate, strategy.variable_rate_slope1, strategy.variable_rate_slope2
        return strategy.optimal_usage_ratio, *rate

    def _strategy_of(self, asset: Address) -> Any:
        """Find the contract that sets a reserve's rates: the pool's, which serves them all; until v3.3 its own."""
        reserve = self.homes[asset].reserve
        where = self.pool.rate_strategy if self._one_strategy else reserve.interest_rate_strategy
        return self.chain.contracts[where]

    def asked_rates(self, asset: Address, virtual: int, debt: int, deficit: int, factor: int) -> tuple[int, int]:
        """Ask a reserve's strategy for liquidity rate and borrow rate (ray) of figures that need not be so."""
        strategy: Any = self._strategy_of(asset)
        if hasattr(type(strategy), "models"):
            liquidity_rate, borrow_rate = strategy.calculate_interest_rates(
                (deficit, 0, 0, debt, factor, asset, True, virtual)
            )
            return liquidity_rate, borrow_rate
        # It looks into the aToken itself; what is there is taken out again.
        home = self.homes[asset]
        held = home.underlying_balances[home.a_token.address]
        liquidity_rate, _, borrow_rate = strategy.calculate_interest_rates(
            (deficit, virtual, held, 0, debt, 0, factor, asset, home.a_token.address)
        )
        return liquidity_rate, borrow_rate

    def bystanders(self, number: int) -> tuple[Address, ...]:
        """Pick somebody with a position, another one for each number; the list is renewed now and then.

        All of them where the census is thorough, unless they are many.
        """
        if number % 512 == 0 or not self._people or self.thorough:
            self._people = tuple(self.pool.users_config)
        people = self._people
        if self.thorough and len(people) <= MANY:
            return people
        return (people[number % len(people)],) if people else ()

    def needs_retaking(self, changes: Changes) -> bool:
        """Have contracts been added or replaced, or assets listed or dropped?"""
        return not self._foundations.isdisjoint(changes) or len(self.pool.e_modes) != self._categories

    def is_restless(self, changes: Changes, touched: list[Address]) -> bool:
        """Did prices, categories or the settings of reserves move?"""
        if not self.restless_places.isdisjoint(changes):
            return True
        for asset in touched:
            reserve = self.homes[asset].reserve
            written = changes.get(id(reserve))
            if written is not None and written[1].get("configuration", reserve.configuration) != reserve.configuration:
                return True
        return False

    def stale(self) -> bool:
        """Does the list of assets differ from the one taken?"""
        listed: list[Address] = self.pool.get_reserves_list()
        return list(self.homes) != listed

    def touched(self, changes: Changes) -> tuple[list[Address], list[Address]]:
        """List the reserves whose struct, tokens or token balances were written, and the users whose shares, debts,
        bits or category were.
        """
        asset_at, ledgers = self.asset_at, self.user_ledgers
        assets: dict[Address, None] = {}
        users: dict[Address, Any] = {}
        for key, (_, old) in changes.items():
            if key in asset_at:
                assets[asset_at[key]] = None
            if key in ledgers:
                users.update(old)
        return list(assets), list(users)

    def touched_categories(self, changes: Container[int]) -> list[int]:
        """List the e-mode categories that were written, by the identity of what was."""
        return [number for number, record in self.pool.e_modes.items() if number and id(record) in changes]

    def name_of(self, where: Address) -> str:
        """Give a person's or contract's name; the address itself where nobody gave one."""
        if where in self.names:
            return self.names[where]
        home = self.homes.get(where)
        if home is not None:
            return home.symbol
        for home in self.homes.values():
            if where == home.a_token.address:
                return f"a{home.symbol}"
            if where == home.debt_token.address:
                return f"debt{home.symbol}"
            if home.stable_token is not None and where == home.stable_token.address:
                return f"stable{home.symbol}"
        return "the pool" if where == self.pool.address else where

    def call_name(self, contract: Any, function: Any) -> str:
        """Name a call as "pool.supply"."""
        key = ("" if contract is None else contract.KIND), function
        name = self._call_names.get(key)
        if name is None:
            kind = NAMES_OF_KINDS.get(key[0], key[0] or "nothing")
            name = self._call_names[key] = f"{kind}.{function.name if function is not None else 'call'}"
        return name
