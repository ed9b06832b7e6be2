"""Faults in roles, listing, configuration, prices and in how a transaction is undone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address, created_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts import pool_administration, pool_configurator, proxy, reserve_settings
from pooltwin.protocol.contracts.oracle import AaveOracle
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.contracts.reserve_settings import ConfiguratorBase
from pooltwin.protocol.errors import ReserveFrozen
from pooltwin.protocol.logic import configurator as configurator_logic
from pooltwin.protocol.logic import generic, liquidation, ltv_zero
from pooltwin.protocol.logic import pool as pool_logic
from pooltwin.protocol.logic.terms import AccountData, Liquidation
from pooltwin.protocol.math.percentage import percent_mul_floor
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.releases.v3_5.ltv_zero import swap_pending_ltv
from pooltwin.protocol.state import bitmaps
from pooltwin.protocol.state.storage import Record

from ..mutant import Mutant, Patch, bodies_of, nothing

# --- roles ------------------------------------------------------------------------------------------------------------


def _anybody_covers(pool: Pool, asset: str, amount: int, *, sender: str) -> int:
    return pool.revision.execute_eliminate_deficit(pool, sender, asset, amount)


ROLES = (
    Mutant(
        "M115",
        "anybody may set risk parameters",
        "own: a modifier left out",
        ("ACT-8",),
        (Patch(ConfiguratorBase, "only_risk_or_pool_admins", nothing),),
    ),
    Mutant(
        "M116",
        "anybody may cover a deficit",
        "own: v3.3's onlyUmbrella left out",
        ("ACT-8", "DEF-2"),
        bodies_of(Pool, "eliminateReserveDeficit", _anybody_covers),
    ),
    Mutant(
        "M117",
        "anybody may act as position manager",
        "own: v3.4's onlyPositionManager left out",
        ("ACT-12",),
        (Patch(Pool, "_only_position_manager", nothing),),
    ),
)

# --- listing and configuration ----------------------------------------------------------------------------------------


def _bitmaps_with(**changed: Any) -> SimpleNamespace:
    """Copy the bitmap functions with some of them replaced."""
    return SimpleNamespace(**{**vars(bitmaps), **changed})


def _init_filling_every_gap(pool: Any, asset: str, *tokens: str) -> bool:
    """Write a new reserve into every empty slot of the list, not only into the first."""
    gaps = [slot for slot in range(pool.reserves_count) if pool.reserves_list[slot] == ZERO_ADDRESS]
    grew = pool_logic.execute_init_reserve(pool, asset, *tokens)
    for slot in gaps:
        pool.reserves_list[slot] = asset
    return grew


def _freeze_leaving_ltv(_configurator: Any, _asset: str, _reserve: Any, config: int, _freeze: bool) -> int:
    return config


def _freeze_own_ltv_only(configurator: Any, asset: str, _reserve: Any, config: int, freeze: bool) -> int:
    return ltv_zero.with_ltv_zero(configurator, asset, config) if freeze else config


def _freeze_and_threshold(configurator: Any, asset: str, reserve: Any, config: int, freeze: bool) -> int:
    config = ltv_zero.freeze_ltv(configurator, asset, reserve, config, freeze)
    return bitmaps.with_liquidation_threshold(config, 0) if freeze else config


def _leave_e_mode_as_is(_configurator: Any, _asset: str, reserve: Any, _category_id: int, allowed: bool) -> None:
    """Keep the ltv-zero bit of an asset that leaves a category."""
    if allowed and bitmaps.is_frozen(reserve.configuration):
        raise ReserveFrozen()


def _both_caps(config: int, cap: int) -> int:
    return bitmaps.with_borrow_cap(_with_supply_cap(config, cap), cap)


_with_supply_cap = bitmaps.with_supply_cap

CONFIGURATION = (
    Mutant(
        "M41",
        "a new reserve fills every empty slot of the list",
        "PeckShield PVE-002; gaps exist until v3.6",
        ("FLG-8",),
        (Patch(pool_administration, "execute_init_reserve", _init_filling_every_gap),),
        revision="3.6",
    ),
    Mutant(
        "M118",
        "threshold times bonus may exceed 100%",
        "own: liquidations that must leave bad debt",
        ("EMD-11",),
        (Patch(pool_configurator, "percent_mul", lambda *_: 0),),
    ),
    Mutant(
        "M119",
        "freezing leaves the LTV",
        "own: until v3.0 nobody thought of it",
        ("EMD-10",),
        decisions={"freeze_ltv": _freeze_leaving_ltv},
    ),
    Mutant(
        "M120",
        "freezing leaves the LTV within categories",
        "own",
        ("EMD-10",),
        decisions={"freeze_ltv": _freeze_own_ltv_only},
    ),
    Mutant(
        "M121",
        "unfreezing brings the LTV back",
        "v3.1 to v3.5",
        ("EMD-10",),
        decisions={"freeze_ltv": swap_pending_ltv},
    ),
    Mutant(
        "M122",
        "an asset that leaves a category stays ltv-zero in it",
        "own",
        ("EMD-1",),
        decisions={"prepare_e_mode_collateral": _leave_e_mode_as_is},
    ),
    Mutant(
        "M123",
        "freezing takes the liquidation threshold too",
        "own: a pause for some is a liquidation for others",
        ("EMD-6",),
        decisions={"freeze_ltv": _freeze_and_threshold},
    ),
    Mutant(
        "M124",
        "every asset is listed with 18 decimals",
        "own",
        ("INF-4",),
        (
            Patch(
                configurator_logic,
                "bitmaps",
                _bitmaps_with(with_decimals=lambda config, _decimals: bitmaps.with_decimals(config, 18)),
            ),
        ),
    ),
    Mutant(
        "M125",
        "a grace period of five hours is accepted",
        "own",
        ("ACT-7",),
        (Patch(reserve_settings, "MAX_GRACE_PERIOD", 5 * 60 * 60),),
    ),
    Mutant(
        "M126",
        "setting the supply cap overwrites the borrow cap",
        "own: a shift off by one field",
        ("FLG-7", "FLG-12"),
        (Patch(bitmaps, "with_supply_cap", _both_caps),),
    ),
)

# --- prices and account data ------------------------------------------------------------------------------------------


def _price_of_any_sign(oracle: AaveOracle, asset: str) -> int:
    """Take a feed's answer whatever its sign, as the unsigned number it is not."""
    source = oracle.sources[asset]
    if source != ZERO_ADDRESS:
        answer: int = oracle.chain.at(source).answer
        if answer != 0:
            return answer % 2**256
    return _price_of(oracle, asset)


def _price_drifting(oracle: AaveOracle, asset: str) -> int:
    """Move the price a little with every event of a transaction."""
    return _price_of(oracle, asset) + len(oracle.chain.logs)


def _floor_debt(a: int, b: int, c: int) -> int:
    return a * b // c


def _healthy_if_small(pool: Any, user: str, category_id: int) -> AccountData:
    account = generic.account_data(pool, user, category_id)
    return account._replace(health_factor=MAX_UINT256) if account.total_debt < 10**8 else account


def _all_decimals_alike(configuration: int) -> int:
    decimals = bitmaps.decimals(configuration)
    return int(10 ** (7 if decimals == 6 else decimals))


def _two_more(total_collateral: int, ltv: int) -> int:
    return percent_mul_floor(total_collateral, ltv) + 2


def _dearest_counts_nothing(pool: Any, user: str, reserve: Any, price: int, unit: int) -> int:
    """Take a price above 5,000 for an error and the collateral for worthless."""
    return 0 if price > 5_000 * 10**8 else _collateral_in_base(pool, user, reserve, price, unit)


_price_of = AaveOracle.price_of
_collateral_in_base = generic.collateral_in_base

PRICES = (
    Mutant(
        "M127",
        "a negative answer of a feed is taken for a price",
        "own: a cast from int256 without a look at the sign",
        ("ORA-1",),
        (Patch(AaveOracle, "price_of", _price_of_any_sign),),
    ),
    Mutant(
        "M128",
        "a price drifts within a transaction",
        "own: a spot price read from a pool that the transaction moves",
        ("ORA-2", "HF-7"),
        (Patch(AaveOracle, "price_of", _price_drifting),),
    ),
    Mutant(
        "M129",
        "debt in base currency is rounded down",
        "own: debt worth less than a unit of base currency is free",
        ("HF-7", "HF-8"),
        (Patch(generic, "mul_div_ceil", _floor_debt),),
    ),
    Mutant(
        "M130",
        "a debt below one unit of account leaves the position healthy",
        "own",
        ("HF-8", "HF-7"),
        decisions={"account_data": _healthy_if_small},
    ),
    Mutant(
        "M131",
        "available borrows are two units too high",
        "own",
        ("HF-7", "HF-9"),
        decisions={"credit_percent_mul": _two_more},
    ),
    Mutant(
        "M132",
        "a collateral whose price exceeds 5,000 counts nothing",
        "own",
        ("HF-11", "HF-7"),
        (Patch(generic, "collateral_in_base", _dearest_counts_nothing),),
    ),
    Mutant(
        "M133",
        "assets of six decimals are valued as if they had seven",
        "own",
        ("HF-7",),
        (Patch(generic, "unit_of", _all_decimals_alike),),
    ),
)

# --- liquidation details that need no module of their own -------------------------------------------------------------


def _discount(_pool: Any, _run: Liquidation) -> int:
    return 9_500


def _pay_shares_and_liquidity(pool: Any, run: Liquidation) -> None:
    _pay_liquidator(pool, run)
    if run.receive_a_token:
        reserve = run.collateral_reserve
        reserve.virtual_underlying_balance = max(0, reserve.virtual_underlying_balance - run.collateral_to_liquidate)


def _burn_debt_on_lenders(
    pool: Any, reserve: Any, cache: Any, asset: str, borrower: str, debt: int, repaid: int, none_left: bool
) -> None:
    """Take bad debt out of the liquidity index at once."""
    before = reserve.deficit
    _burn_debt(pool, reserve, cache, asset, borrower, debt, repaid, none_left)
    shares = cache.a_token.scaled_supply
    if reserve.deficit > before and shares:
        reserve.liquidity_index -= min(reserve.liquidity_index // 2, (reserve.deficit - before) * 10**27 // shares)
        reserve.deficit = before


def _one_more(amount: int, bonus: int) -> int:
    return percent_mul_floor(amount, bonus) + 1


_pay_liquidator = liquidation._pay_liquidator
_burn_debt = liquidation._burn_debt

DETAILS = (
    Mutant(
        "M134",
        "liquidators get less than they pay",
        "own",
        ("LIQ-6", "LIQ-2"),
        decisions={"liquidation_bonus": _discount},
    ),
    Mutant(
        "M135",
        "seizing aTokens also takes liquidity",
        "own",
        ("LIQ-10", "LIQ-8", "SOL-2"),
        (Patch(liquidation, "_pay_liquidator", _pay_shares_and_liquidity),),
    ),
    Mutant(
        "M136",
        "bad debt is taken from the lenders at once",
        "own",
        ("DEF-6", "IDX-1"),
        (Patch(liquidation, "_burn_debt", _burn_debt_on_lenders),),
    ),
    Mutant(
        "M137",
        "every liquidation seizes one unit more",
        "own",
        ("LIQ-5", "LIQ-13"),
        decisions={"seizure_percent_mul": _one_more},
    ),
)

# --- the machine ------------------------------------------------------------------------------------------------------


def _restore_all_but_rates(record: Record, name: str, old: Any) -> None:
    if name != "current_liquidity_rate":
        _restore(record, name, old)


_restore = Record.restore


def _counted_by_tens(chain: Chain, creator: Address) -> Address:
    """Give the address of the creator's next contract, whose 11th gets the number of the first."""
    nonce = chain.nonces[creator] or 1
    chain.nonces[creator] = nonce + 1
    return created_address(creator, (nonce - 1) % 10 + 1)


MACHINE = (
    Mutant(
        "M138",
        "a reverted call leaves its liquidity rate",
        "own: a catch block that forgets a write",
        ("ACT-11", "ACT-13"),
        (Patch(Record, "restore", _restore_all_but_rates),),
    ),
    Mutant(
        "M180",
        "the 11th contract of a creator is put on top of its first",
        "own: this twin, whose 15th listing on a real market replaced a live aToken",
        ("SYS-7",),
        (Patch(proxy, "_free_address", _counted_by_tens),),
    ),
)

GOVERNANCE = (*ROLES, *CONFIGURATION, *PRICES, *DETAILS, *MACHINE)
