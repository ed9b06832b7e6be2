"""Calls of a rollup's pool, packed into words as its users pack them: the same calls under another name."""

from __future__ import annotations

from collections.abc import Callable

from pooltwin.protocol.contracts.l2_pool import L2Pool
from pooltwin.protocol.logic import compact_calldata as compact
from pooltwin.protocol.math.uint import MAX_UINT128, MAX_UINT256

from .action import Action, Argument, Stage
from .unfit import ActionError

Pack = Callable[[Stage, Action], tuple[bytes, ...]]
"""The words of a call. Raises LookupError where they have no room for it."""


def takes_packed_calls(stage: Stage) -> bool:
    """Is the market's pool that of a rollup?"""
    return isinstance(stage.market.pool, L2Pool)


def packed(stage: Stage, action: Action) -> Action:
    """The same call packed into words; the call itself where it has no such form, or acts for somebody else."""
    pack = _PACKS.get(action.function) if action.target == "pool" else None
    if pack is None or action.principal not in (None, action.sender) or action.inside:
        return action
    try:
        words: tuple[Argument, ...] = pack(stage, action)
    except (LookupError, ActionError):
        return action
    return Action(action.sender, action.target, f"{action.function}Compact", words)


def _id(stage: Stage, asset: Argument) -> int:
    """The number of a listed asset. Raises LookupError for what is none."""
    pool, where = stage.market.pool, stage.address_of(str(asset))
    number = pool.reserves[where].id
    if pool.reserves_list[number] != where:
        raise LookupError(f"{asset!r} is not listed")
    return number


def _number(value: Argument, most: int, everything: bool = False) -> int:
    """A number that fits; "everything" where that has a form. Raises LookupError for one that does not."""
    number = int(value) if isinstance(value, int) else -1
    if not 0 <= number < most and not (everything and number == MAX_UINT256):
        raise LookupError(f"{value!r} has no room")
    return number


def _amount(value: Argument, everything: bool = True) -> int:
    return _number(value, MAX_UINT128, everything)


def _supply(stage: Stage, action: Action) -> tuple[bytes, ...]:
    asset, amount, _, code = action.arguments
    return (compact.encode_supply(_id(stage, asset), _amount(amount, False), _number(code, 2**16)),)


def _withdraw(stage: Stage, action: Action) -> tuple[bytes, ...]:
    asset, amount, to = action.arguments
    if to != action.sender:
        raise LookupError("only to oneself")
    return (compact.encode_withdrawal(_id(stage, asset), _amount(amount)),)


def _borrow(stage: Stage, action: Action) -> tuple[bytes, ...]:
    asset, amount, mode, code, _ = action.arguments
    numbers = _amount(amount, False), _number(mode, 2**8), _number(code, 2**16)
    return (compact.encode_borrowing(_id(stage, asset), *numbers),)


def _repay(stage: Stage, action: Action) -> tuple[bytes, ...]:
    asset, amount, mode, *_ = action.arguments
    return (compact.encode_repayment(_id(stage, asset), _amount(amount), _number(mode, 2**8)),)


def _use_as_collateral(stage: Stage, action: Action) -> tuple[bytes, ...]:
    asset, flag = action.arguments
    return (compact.encode_use_as_collateral(_id(stage, asset), bool(flag)),)


def _liquidate(stage: Stage, action: Action) -> tuple[bytes, ...]:
    collateral, debt, borrower, amount, as_a_tokens = action.arguments
    bought, repaid, who = _id(stage, collateral), _id(stage, debt), stage.address_of(str(borrower))
    return compact.encode_liquidation(bought, repaid, who, _amount(amount), bool(as_a_tokens))


_PACKS: dict[str, Pack] = {
    "supply": _supply,
    "withdraw": _withdraw,
    "borrow": _borrow,
    "repay": _repay,
    "repayWithATokens": _repay,
    "setUserUseReserveAsCollateral": _use_as_collateral,
    "liquidationCall": _liquidate,
}
