"""Faults that the catalogue of mutants lacks, with their mutants: silent writes, a view that lies, the debt ceiling."""

from typing import Any

from pooltwin.invariants.mutants import Mutant, Patch
from pooltwin.invariants.mutants.mutant import bodies_of
from pooltwin.protocol import named_address
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.contracts.pool_storage import PoolStorage
from pooltwin.protocol.releases.v3_6 import isolation
from pooltwin.protocol.state import bitmaps

from ..harness.market import USERS
from .edits import first, last, left_out
from .fault import REVISION, Fault

VICTIMS = (named_address("carol"), USERS[2])
"""Whose shares go: somebody of campaigns and hunts, and somebody of the random histories in lockstep."""
UNKNOWN = named_address("nobody whom anything names")

_mint = AToken.pool_mint
_account = next(function.body for function in Pool.functions.values() if function.name == "getUserAccountData")


def _mint_robbing(token: AToken, caller: str, on_behalf_of: str, scaled: int, index: int) -> bool:
    for victim in VICTIMS:
        if victim != on_behalf_of and token.scaled_balances[victim]:
            token.scaled_balances[victim] -= 1
    return _mint(token, caller, on_behalf_of, scaled, index)


def _mint_hiding(token: AToken, caller: str, on_behalf_of: str, scaled: int, index: int) -> bool:
    token.scaled_balances[UNKNOWN] += 1
    return _mint(token, caller, on_behalf_of, scaled, index)


def _account_with_less_debt(pool: Pool, user: str) -> Any:
    account = _account(pool, user)
    return account._replace(total_debt_base=account.total_debt_base - account.total_debt_base // 1_000)


def _increase_without_ceiling(pool: Any, configuration: int, user: str, amount: int) -> None:
    """Count a borrow against an isolated collateral, whatever its ceiling."""
    isolated = isolation.isolated_collateral(pool, pool.users_config[user])
    if isolated is None:
        return
    asset, _ = isolated
    reserve = pool.reserves[asset]
    kept = reserve.configuration
    reserve.configuration = bitmaps.with_debt_ceiling(kept, 2**40 - 1)
    isolation.increase_isolated_debt(pool, configuration, user, amount)
    reserve.configuration = kept


def _mutant(identifier: str, change: str, expected: tuple[str, ...], *patches: Patch, **decisions: Any) -> Mutant:
    return Mutant(identifier, change, "own", expected, patches, decisions, revision=REVISION)


def _rob(victim: str) -> str:
    """Take a share from somebody, with no event."""
    where = f"_userState[address(uint160({int(victim, 16)}))].balance"
    return f"if (onBehalfOf != address(uint160({int(victim, 16)})) && {where} != 0) {where} -= 1;"


OWN = (
    Fault(
        "F1",
        "silent writes",
        (first("AToken", "mint", "".join(map(_rob, VICTIMS))),),
        own=_mutant(
            "F1",
            "every supply takes a share from one particular holder, and no event tells",
            ("SOL-8",),
            Patch(AToken, "pool_mint", _mint_robbing),
        ),
    ),
    Fault(
        "F2",
        "silent writes",
        (first("AToken", "mint", f"_userState[address(uint160({int(UNKNOWN, 16)}))].balance += 1;"),),
        own=_mutant(
            "F2",
            "every supply gives a share to an address that nothing names, and no event tells",
            ("SOL-8",),
            Patch(AToken, "pool_mint", _mint_hiding),
        ),
    ),
    Fault(
        "F3",
        "views",
        (last("PoolLogic", "executeGetUserAccountData", "totalDebtBase -= totalDebtBase / 1_000;"),),
        own=_mutant(
            "F3",
            "the view of a position tells a thousandth less debt; nothing else is wrong",
            ("HF-7",),
            *bodies_of(Pool, "getUserAccountData", _account_with_less_debt),
            Patch(PoolStorage, "get_user_account_data", _account_with_less_debt),
        ),
    ),
    Fault(
        "F4",
        "isolation",
        (left_out("IsolationModeLogic", "increaseIsolatedDebtIfIsolated", "DebtCeilingExceeded"),),
        own=_mutant(
            "F4",
            "the debt ceiling of isolated collateral is not asked",
            ("ISO-1",),
            increase_isolated_debt=_increase_without_ceiling,
        ),
    ),
)
