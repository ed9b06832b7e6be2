"""Loading the accounts of a table into a market, with totals beside the market's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pooltwin.protocol.address import Address, address
from pooltwin.protocol.bulk import without_collecting
from pooltwin.protocol.market import Market
from pooltwin.protocol.market_state.adding import AddedTotals, Adding
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.models.fields import canonical_address
from pooltwin.protocol.models.state import AccountReserveState, AccountState

from .cells import account_in, amount_in, flag_in, is_empty, whole_number_in
from .columns import MOST_NAMES, Columns, columns_of
from .errors import TableError

Amounts = Literal["tokens", "units", "shares"]
"""What amounts in a table are: whole tokens, units of the token, or scaled shares."""
NAMES = ("account", "asset", "supplied", "borrowed", "collateral", "e_mode")
"""The columns of a table of accounts."""


@dataclass(frozen=True)
class LoadedAccounts:
    """The report of a load: how much was loaded, and into which market."""

    market: Market
    rows: int
    accounts: int
    totals: tuple[AddedTotals, ...]
    ignored: tuple[str, ...]
    """The columns that the table has and that say nothing here."""

    def __str__(self) -> str:
        lines = [f"{self.accounts} accounts from {self.rows} rows"]
        for total in self.totals:
            unit = Decimal(10) ** total.decimals
            lines.append(
                f"{total.reserve}: supplied {_shown(total.supplied, unit)} of {_shown(total.supplied_in_all, unit)}, "
                f"borrowed {_shown(total.borrowed, unit)} of {_shown(total.borrowed_in_all, unit)}"
                + (f", lent besides {_shown(total.lent, unit)}" if total.lent else "")
            )
        return "\n".join(lines)


def _shown(amount: int, unit: Decimal) -> str:
    return f"{Decimal(amount) / unit:,.2f}"


def load_accounts(
    target: Market | MarketConfig,
    table: Any,
    *,
    amounts: Amounts = "tokens",
    columns: Mapping[str, str] | None = None,
    lender: Address | None = None,
    out_of: Address | None = None,
) -> LoadedAccounts:
    """Load a table of accounts into a market, or into one that is deployed from a configuration, in one call.

    `table` is the path of a CSV or Parquet file, a DataFrame, a PyArrow table or a list of mappings, with the columns
    account, asset, supplied, borrowed, collateral, e_mode; `columns` says what the table calls them, where it is
    something else. One row tells of one account and one asset: its key, symbol or address. Where nothing is supplied,
    the collateral flag says nothing.
    `amounts` are whole tokens ("tokens"), units of the token ("units") or scaled shares ("shares"); what is supplied
    and owed is meant with interest to now, except for shares. What no whole share gives exactly is rounded against the
    account.
    `lender` supplies what is borrowed beyond what is supplied and there. `out_of` is an account of the market, such as
    the `rest_holder` of a state, whose shares these accounts take over, so that no total changes.

    Raises TableError for wrong cells, with row and column of each, and StateError where positions do not fit the
    market, with account and asset of each; the market is as it was then.
    """
    market = target if isinstance(target, Market) else Market.deploy(target)
    with without_collecting():
        adding = Adding(market.chain, market.provider.address, market.assets)
        given = columns_of(table)
        reading = _Reading(market, adding, given, amounts, columns or {})
        accounts = reading.accounts()
        totals = adding.add(accounts, lender=_or_none(lender), out_of=_or_none(out_of))
    return LoadedAccounts(market, given.count, len(accounts), totals, reading.ignored)


def read_accounts(
    market: Market, table: Any, *, amounts: Amounts = "tokens", columns: Mapping[str, str] | None = None
) -> dict[Address, AccountState]:
    """Read a table of accounts for a market, and load nothing: shares are at its indexes of now.

    What the table is like, and what is refused, is told at `load_accounts`.
    """
    with without_collecting():
        adding = Adding(market.chain, market.provider.address, market.assets)
        return _Reading(market, adding, columns_of(table), amounts, columns or {}).accounts()


def _or_none(where: Address | None) -> Address | None:
    return None if where is None else address(where)


class _Reading:
    """The reading of one table: rows become accounts with shares."""

    def __init__(
        self, market: Market, adding: Adding, given: Columns, amounts: Amounts, renamed: Mapping[str, str]
    ) -> None:
        if amounts not in ("tokens", "units", "shares"):
            raise ValueError(f"amounts are 'tokens', 'units' or 'shares', not {amounts!r}")
        unknown = [name for name in renamed if name not in NAMES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no column of a table of accounts; they are {', '.join(NAMES)}")
        self.market, self.adding, self.given, self.amounts = market, adding, given, amounts
        self.called = {name: renamed.get(name, name) for name in NAMES}
        self.ignored = tuple(name for name in given.cells if name not in self.called.values())
        self.keys: dict[str, str] = {}
        self.addresses: dict[str, Address] = {}
        self.decimals = {key: home.token.decimals() for key, home in adding.homes.items()}
        self.faults: list[str] = []
        self._check_columns(renamed)

    def _check_columns(self, renamed: Mapping[str, str]) -> None:
        there = self.given.cells
        wanted = [name for name in NAMES if name in ("account", "asset") or name in renamed]
        lacking = [self.called[name] for name in wanted if self.called[name] not in there]
        if self.called["supplied"] not in there and self.called["borrowed"] not in there:
            lacking.append(f"{self.called['supplied']}' or '{self.called['borrowed']}")
        elif self.called["supplied"] in there and self.called["collateral"] not in there:
            lacking.append(self.called["collateral"])
        if lacking:
            names = ", ".join(list(there)[:MOST_NAMES]) or "none"
            raise TableError(self.given.name, [f"there is no column {name!r}; there are {names}" for name in lacking])

    def accounts(self) -> dict[Address, AccountState]:
        """The accounts of all rows. Raises TableError with every wrong cell."""
        found: dict[Address, dict[str, AccountReserveState]] = {}
        e_modes: dict[Address, tuple[int, int]] = {}
        row_of: dict[tuple[Address, str], int] = {}
        nothing = [None] * self.given.count
        columns = [self.given.cells.get(self.called[name], nothing) for name in NAMES]
        for number, row in enumerate(zip(*columns, strict=True), 1):
            who = self._cell(number, "account", row[0], self._account)
            key = self._cell(number, "asset", row[1], self._key)
            category = self._cell(number, "e_mode", row[5], whole_number_in)
            own = None if key is None else self._position(number, key, row)
            if who is None or key is None or category is None or own is None:
                continue
            if (first := row_of.setdefault((who, key), number)) != number:
                self.faults.append(f"row {number}: {who} and {key} are in row {first} already")
                continue
            found.setdefault(who, {})[key] = own
            if not is_empty(row[5]):
                known = e_modes.setdefault(who, (category, number))
                if known[0] != category:
                    self._fault(number, "e_mode", f"{category} is not the {known[0]} of row {known[1]}, same account")
        if self.faults:
            raise TableError(self.given.name, self.faults)
        return {who: AccountState(e_mode=e_modes.get(who, (0, 0))[0], reserves=own) for who, own in found.items()}

    def _position(self, number: int, key: str, row: tuple[Any, ...]) -> AccountReserveState | None:
        decimals = self.decimals[key]

        def amount(cell: Any) -> int:
            return amount_in(cell, decimals) if self.amounts == "tokens" else whole_number_in(cell)

        supplied = self._cell(number, "supplied", row[2], amount)
        borrowed = self._cell(number, "borrowed", row[3], amount)
        collateral = self._cell(number, "collateral", row[4], flag_in)
        if supplied is None or borrowed is None or collateral is None:
            return None
        if self.amounts != "shares":
            supplied = supplied and self.adding.supply_shares(key, supplied)
            borrowed = borrowed and self.adding.debt_shares(key, borrowed)
        for name, shares in (("supplied", supplied), ("borrowed", borrowed)):
            if shares >= 2**128:
                self._fault(number, name, f"{shares} shares of {key} are more than fit into 128 bits")
                return None
        return AccountReserveState(
            scaled_supply=supplied, scaled_variable_debt=borrowed, collateral=collateral and supplied > 0
        )

    def _account(self, cell: Any) -> Address:
        found = self.addresses.get(cell) if isinstance(cell, str) else None
        if found is None:
            found = self.addresses[cell] = account_in(cell)
        return found

    def _key(self, cell: Any) -> str:
        key = self.keys.get(cell) if isinstance(cell, str) else None
        if key is None:
            key = self.keys[cell] = self._looked_up(cell)
        return key

    def _looked_up(self, cell: Any) -> str:
        if not isinstance(cell, str):
            raise ValueError(f"{cell!r} is not the name of an asset")
        name, assets = cell.strip(), self.market.assets
        if name in assets:
            return name
        try:
            where = canonical_address(name) if name.startswith("0x") else self.market.asset(name)
        except KeyError as error:
            raise ValueError(str(error.args[0])) from None
        for key, asset in assets.items():
            if asset == where:
                return key
        raise ValueError(f"{name!r} is not listed; listed are {', '.join(assets)}")

    def _cell(self, number: int, name: str, cell: Any, read: Callable[[Any], Any]) -> Any:
        try:
            return read(cell)
        except ValueError as error:
            self._fault(number, name, str(error))
            return None

    def _fault(self, number: int, name: str, what: str) -> None:
        self.faults.append(f"row {number}, column {self.called[name]}: {what}")
