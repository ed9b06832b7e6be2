"""World of the replay: a market with six wallets, other lenders and borrowers, and the reported totals of WETH.

Everything is brought about by calls that the real pool would accept at the start of the replay, in one second, so that
all indexes stand at one and totals are exact. The one exception is GHO: its supply cap is 1 token on chain, while more
was supplied before the cap was lowered; here too it is supplied first and the cap set afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.token_interface import let_spend
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig

from ..units import BPS, MAX_UINT, PRICE_UNIT, WAD, timestamp, to_units
from .accounts import Account
from .background import Background, place_book
from .owner_plan import OwnerPlan
from .parameters import ReplayParameters
from .timeline import ReserveLevel, Timeline

POSITION_DEBTS = ("USDT", "USDC")

ETH_CORRELATED, RSETH_LOOPS, SUSDE_STABLECOINS = 1, 3, 2
"""E-mode categories that background borrowers use."""

LOOPERS = {"wstETH": ETH_CORRELATED, "weETH": ETH_CORRELATED, "rsETH": RSETH_LOOPS}
"""Collateral of those who owe WETH, and their e-mode. Their collateral moves with their debt."""

OTHER_BORROWERS = ("BTC-backed borrower", "ETH-backed borrower", "sUSDe-backed borrower")
"""Those who owe everything but WETH."""

SECONDS_A_BLOCK = 12
SNAPSHOT_BLOCK, SNAPSHOT_TIME = 24_360_000, 1_769_924_603
"""The block of the WETH snapshot and its time, 2026-02-01 05:43:23 UTC."""


@dataclass
class World:
    """The market and who is in it."""

    market: Market
    config: MarketConfig
    plan: OwnerPlan
    wallets: list[Account]
    loopers: list[Account]
    others: list[Account]
    lender: Account
    returning_lender: Account
    liquidator: Account
    background: Background | None = None
    """The book of everybody else; None where six accounts stand for them."""
    assets: dict[str, Address] = field(init=False)
    """Underlying addresses by symbol."""
    ether: dict[str, int] = field(init=False)
    """Assets whose price follows ether's, and how much WETH a whole one is worth, with 18 decimals."""

    def __post_init__(self) -> None:
        self.assets = self.market.assets
        ratios = self.plan.timeline.price_ratios
        self.ether = {"WETH": WAD} | {
            symbol: ratio.per_unit_raw for symbol, ratio in ratios.items() if ratio.base == "WETH"
        }

    @property
    def borrowers(self) -> list[Account]:
        """Everyone with a debt who is in the market by himself, the position's wallets first."""
        entered = [] if self.background is None else list(self.background.entered.values())
        return [*self.wallets, *(self.loopers if self.background is None else []), *self.others, *entered]

    def look(self) -> None:
        """See who may be liquidatable at the prices of now."""
        if self.background is not None:
            self.background.look()

    @property
    def near(self) -> list[Account]:
        """Everyone who may be liquidatable, as of the last look: all borrowers but for those of a book who are safe."""
        return self.borrowers if self.background is None else [*self.wallets, *self.background.near]

    def decimals(self, symbol: str) -> int:
        """Decimals of an asset. Raises KeyError for one that is not listed."""
        return next(reserve.decimals for reserve in self.config.reserves if reserve.symbol == symbol)

    def price(self, symbol: str) -> int:
        """The oracle's price now, 8 decimals."""
        return int(self.market.oracle.get_asset_price(self.assets[symbol]))

    def from_dollars(self, symbol: str, dollars: Fraction) -> int:
        """Units of an asset worth so many dollars at the oracle's price, rounded down."""
        return int(dollars * PRICE_UNIT * 10 ** self.decimals(symbol) / self.price(symbol))

    def dollars(self, symbol: str, units: int) -> Fraction:
        """Worth at the oracle's price, exactly."""
        return Fraction(units * self.price(symbol), PRICE_UNIT * 10 ** self.decimals(symbol))

    def fund(self, symbol: str, who: Account, amount: int) -> None:
        """Give tokens from outside the market, and let the pool take them. Nothing for an amount of zero."""
        if amount > 0:
            token = self.market.erc20(symbol)
            token.mint(who.address, amount, sender=self.market.admin)
            let_spend(token, who.address, self.market.pool.address, MAX_UINT)

    def supply(self, symbol: str, who: Account, amount: int) -> None:
        """Fund and supply."""
        self.fund(symbol, who, amount)
        self.market.pool.supply(self.assets[symbol], amount, who.address, 0, sender=who.address)

    def borrow(self, symbol: str, who: Account, amount: int) -> None:
        """Borrow at the variable rate. Nothing for an amount of zero."""
        if amount > 0:
            self.market.pool.borrow(self.assets[symbol], amount, 2, 0, who.address, sender=who.address)

    def debt(self, symbol: str, who: Account) -> int:
        """Read what an account owes now, interest included."""
        return int(self.market.debt_token(symbol).balance_of(who.address))

    def supplied(self, symbol: str, who: Account) -> int:
        """Read what an account has supplied, interest included."""
        return int(self.market.a_token(symbol).balance_of(who.address))

    def cash(self, symbol: str) -> int:
        """The virtual balance: what can be withdrawn or borrowed right now."""
        return int(self.market.pool.get_virtual_underlying_balance(self.assets[symbol]))

    def set_time(self, time: int) -> None:
        """Move the clock, with one block every 12 seconds. Staying where it is is no move."""
        if time != self.market.chain.time:
            self.market.chain.set_time(time, block_at(time))


def block_at(time: int) -> int:
    """The block number at a time, counted in steps of 12 seconds from the block of the snapshot."""
    return SNAPSHOT_BLOCK + (time - SNAPSHOT_TIME) // SECONDS_A_BLOCK


def build_world(config: MarketConfig, timeline: Timeline, parameters: ReplayParameters) -> World:
    """Deploy the market and bring everyone into it. Raises `Revert` if the pool refuses a part of it.

    Raises ValueError where a book cannot be made.
    """
    start, as_book = timestamp(timeline.start), parameters.background == "book"
    world = World(
        market=Market.deploy(config, time=start, number=block_at(start)),
        config=config,
        plan=OwnerPlan(timeline, parameters),
        wallets=[Account(wallet.name) for wallet in parameters.wallets],
        loopers=[] if as_book else [Account(f"{symbol} looper") for symbol in LOOPERS],
        others=[] if as_book else [Account(name) for name in OTHER_BORROWERS],
        lender=Account("lender"),
        returning_lender=Account("returning WETH lender"),
        liquidator=Account("liquidator"),
    )
    levels = {level.symbol: level for level in timeline.other_reserves}
    if as_book:
        _place_book(world, timeline, parameters, levels)
    else:
        _supply_everything(world, timeline, parameters, levels)
        _borrow_everything(world, timeline, parameters, levels)
    _check_weth(world, timeline)
    return world


def _place_book(
    world: World, timeline: Timeline, parameters: ReplayParameters, levels: dict[str, ReserveLevel]
) -> None:
    """Let the position supply, put everybody else beside it as a book, and let the position borrow."""
    start = timestamp(timeline.start)
    targets = [world.plan.target(index, start) for index in range(len(world.wallets))]
    supplied = {symbol: _total_supply(level) for symbol, level in levels.items()}
    borrowed = {symbol: supplied[symbol] - level.available_raw for symbol, level in levels.items()}
    weth = timeline.weth_reserve
    supplied["WETH"] = to_units(weth.supplied, 18) - sum(target.weth for target in targets)
    borrowed["WETH"] = to_units(weth.supplied, 18) - to_units(weth.available, 18)
    for symbol, owed in _position_debts(world, timeline, parameters).items():
        borrowed[symbol] -= owed
    for wallet, target in zip(world.wallets, targets, strict=True):
        world.supply("WETH", wallet, target.weth)
    world.background = place_book(world.market, parameters, supplied, borrowed)
    _open_position(world, timeline, parameters)
    world.loopers = world.background.largest_debtors("WETH")


def _position_debts(world: World, timeline: Timeline, parameters: ReplayParameters) -> dict[str, int]:
    """What the six wallets will owe by asset."""
    start, owed = timestamp(timeline.start), dict.fromkeys(POSITION_DEBTS, 0)
    for index in range(len(world.wallets)):
        dollars = world.plan.target(index, start).debt_usd
        for symbol, part in debt_split(parameters).items():
            owed[symbol] += world.from_dollars(symbol, dollars * part)
    return owed


def _supply_everything(
    world: World, timeline: Timeline, parameters: ReplayParameters, levels: dict[str, ReserveLevel]
) -> None:
    _, eth_backed, susde_backed = world.others
    in_position = 0
    for index, wallet in enumerate(world.wallets):
        amount = world.plan.target(index, timestamp(timeline.start)).weth
        world.supply("WETH", wallet, amount)
        in_position += amount
    elsewhere = to_units(timeline.weth_reserve.supplied, 18) - in_position
    backing = elsewhere * parameters.eth_backed_share_bps // BPS
    world.supply("WETH", eth_backed, backing)
    world.supply("WETH", world.lender, elsewhere - backing)
    owners = dict(zip(LOOPERS, world.loopers, strict=True))
    owners |= {"WBTC": world.others[0], "cbBTC": world.others[0], "sUSDe": susde_backed}
    for reserve in world.config.reserves:
        if reserve.symbol != "WETH":
            _supply_level(world, levels[reserve.symbol], owners.get(reserve.symbol, world.lender), reserve.supply_cap)


def _supply_level(world: World, level: ReserveLevel, owner: Account, cap: int) -> None:
    """Supply a reserve's total; where the cap is below it, lift the cap and set it again afterwards."""
    total = _total_supply(level)
    asset, configurator = world.assets[level.symbol], world.market.configurator
    above_cap = 0 < cap * 10 ** world.decimals(level.symbol) < total
    if above_cap:
        configurator.set_supply_cap(asset, 0, sender=world.market.admin)
    world.supply(level.symbol, owner, total)
    if above_cap:
        configurator.set_supply_cap(asset, cap, sender=world.market.admin)


def _total_supply(level: ReserveLevel) -> int:
    """Supply that leaves the known amount available at the level's utilisation."""
    return level.available_raw * BPS // (BPS - level.utilisation_bps)


def _borrow_everything(
    world: World, timeline: Timeline, parameters: ReplayParameters, levels: dict[str, ReserveLevel]
) -> None:
    _enter_e_modes(world)
    owed_by_position = _open_position(world, timeline, parameters)
    _borrow_weth(world, timeline)
    for symbol, level in levels.items():
        debt = _total_supply(level) - level.available_raw - owed_by_position.get(symbol, 0)
        if debt < 0:
            raise ValueError(f"{symbol}: the position owes more than the whole reserve lends at its utilisation")
        _spread(world, symbol, debt)


def _enter_e_modes(world: World) -> None:
    pool = world.market.pool
    for looper, category in zip(world.loopers, LOOPERS.values(), strict=True):
        pool.set_user_e_mode(category, sender=looper.address)
    pool.set_user_e_mode(SUSDE_STABLECOINS, sender=world.others[2].address)


def _open_position(world: World, timeline: Timeline, parameters: ReplayParameters) -> dict[str, int]:
    """The six wallets borrow. Returns what they owe by asset."""
    owed = dict.fromkeys(POSITION_DEBTS, 0)
    for index, wallet in enumerate(world.wallets):
        dollars = world.plan.target(index, timestamp(timeline.start)).debt_usd
        for symbol, part in debt_split(parameters).items():
            amount = world.from_dollars(symbol, dollars * part)
            world.borrow(symbol, wallet, amount)
            owed[symbol] += amount
    return owed


def debt_split(parameters: ReplayParameters) -> dict[str, Fraction]:
    """Split the position's debt: the part of each stablecoin."""
    usdt = Fraction(parameters.usdt_share_bps, BPS)
    return {"USDT": usdt, "USDC": 1 - usdt}


def _borrow_weth(world: World, timeline: Timeline) -> None:
    """Loopers borrow all lent WETH, in proportion to the worth of their collateral."""
    reserve = timeline.weth_reserve
    lent = to_units(reserve.supplied, 18) - to_units(reserve.available, 18)
    worth = [
        world.dollars(symbol, world.supplied(symbol, looper))
        for symbol, looper in zip(LOOPERS, world.loopers, strict=True)
    ]
    amounts = [int(lent * value / sum(worth)) for value in worth]
    amounts[0] += lent - sum(amounts)
    for looper, amount in zip(world.loopers, amounts, strict=True):
        world.borrow("WETH", looper, amount)


def _spread(world: World, symbol: str, debt: int) -> None:
    """Divide a background debt: 35% on BTC, 15% on sUSDe where its e-mode allows it, the rest on WETH."""
    btc_backed, eth_backed, susde_backed = world.others
    on_btc = debt * 35 // 100
    on_susde = debt * 15 // 100 if symbol in POSITION_DEBTS else 0
    world.borrow(symbol, btc_backed, on_btc)
    world.borrow(symbol, susde_backed, on_susde)
    world.borrow(symbol, eth_backed, debt - on_btc - on_susde)


def _check_weth(world: World, timeline: Timeline) -> None:
    supplied = int(world.market.a_token("WETH").total_supply())
    expected = to_units(timeline.weth_reserve.supplied, 18), to_units(timeline.weth_reserve.available, 18)
    if (supplied, world.cash("WETH")) != expected:
        raise ValueError(f"WETH starts with {supplied} supplied and {world.cash('WETH')} available, not {expected}")
