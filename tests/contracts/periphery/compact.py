"""Calls of a rollup's pool: ordinary ones of the histories, packed into words as the real encoder does.

The packing is written out here once more, so that the twin's own is not asked about itself.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..harness.world import MAX_UINT, Call, World
from ..histories.history import Profile
from ..histories.user_calls import MakeCall

L2_POOL = "L2PoolInstance"
MOST = 2**128 - 1
Packer = Callable[[World, Call], tuple[str, tuple[Any, ...]] | None]
"""The compact signature and arguments of a call, None where it has no compact form."""


def _id(w: World, asset: str) -> int:
    """The id of an asset; of what is none, mostly that of another."""
    for number, symbol in enumerate(w.symbols):
        if w.recorder.address(symbol) == asset:
            return number
    return w.rng.choice((0, 5, 127, 128, 2**16 - 1))


def _amount(amount: int) -> int:
    return MOST if amount == MAX_UINT else min(amount, MOST)


def _word(w: World, number: int, used: int) -> bytes:
    """The word, rarely with bits set that mean nothing."""
    if w.chance(0.1):
        number |= w.rng.getrandbits(256) >> used << used
    return number.to_bytes(32, "big")


def _supply(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, amount, _, code, *permit = call.arguments
    word = _id(w, asset) | min(amount, MOST) << 16 | code << 144
    if not permit:
        return "supply(bytes32)", (_word(w, word, 160),)
    deadline, v, r, s = permit
    word |= (deadline & 0xFFFFFFFF) << 160 | v << 192
    return "supplyWithPermit(bytes32,bytes32,bytes32)", (_word(w, word, 200), r, s)


def _withdraw(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, amount, _ = call.arguments
    return "withdraw(bytes32)", (_word(w, _id(w, asset) | _amount(amount) << 16, 144),)


def _borrow(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, amount, mode, code, _ = call.arguments
    word = _id(w, asset) | min(amount, MOST) << 16 | (mode & 0xFF) << 144 | code << 152
    return "borrow(bytes32)", (_word(w, word, 168),)


def _repay(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, amount, mode, _, *permit = call.arguments
    word = _id(w, asset) | _amount(amount) << 16 | (mode & 0xFF) << 144
    if not permit:
        return "repay(bytes32)", (_word(w, word, 152),)
    deadline, v, r, s = permit
    word |= (deadline & 0xFFFFFFFF) << 152 | v << 184
    return "repayWithPermit(bytes32,bytes32,bytes32)", (_word(w, word, 192), r, s)


def _repay_with_a_tokens(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, amount, mode = call.arguments
    word = _id(w, asset) | _amount(amount) << 16 | (mode & 0xFF) << 144
    return "repayWithATokens(bytes32)", (_word(w, word, 152),)


def _use_as_collateral(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, flag = call.arguments
    return "setUserUseReserveAsCollateral(bytes32)", (_word(w, _id(w, asset) | flag << 16, 17),)


def _liquidate(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    collateral, debt, borrower, amount, as_a_tokens = call.arguments
    who = _id(w, collateral) | _id(w, debt) << 16 | int(borrower, 16) << 32
    what = _amount(amount) | as_a_tokens << 128
    return "liquidationCall(bytes32,bytes32)", (_word(w, who, 192), _word(w, what, 129))


def _swap(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, mode = call.arguments
    return "swapBorrowRateMode(bytes32)", (_word(w, _id(w, asset) | (mode & 0xFF) << 16, 24),)


def _rebalance(w: World, call: Call) -> tuple[str, tuple[Any, ...]]:
    asset, user = call.arguments
    return "rebalanceStableBorrowRate(bytes32)", (_word(w, _id(w, asset) | int(user, 16) << 16, 176),)


PACKERS: dict[str, Packer] = {
    "supply": _supply,
    "supplyWithPermit": _supply,
    "withdraw": _withdraw,
    "borrow": _borrow,
    "repay": _repay,
    "repayWithPermit": _repay,
    "repayWithATokens": _repay_with_a_tokens,
    "setUserUseReserveAsCollateral": _use_as_collateral,
    "liquidationCall": _liquidate,
    "swapBorrowRateMode": _swap,
    "rebalanceStableBorrowRate": _rebalance,
}


def compacted(make: MakeCall, share: float = 0.8) -> MakeCall:
    """The same calls, most of them packed where there is a packed form."""

    def packed(w: World) -> Call | None:
        call = make(w)
        if call is None or call.to != "pool" or not w.chance(share):
            return call
        packer = PACKERS.get(call.signature.partition("(")[0])
        form = None if packer is None else packer(w, call)
        return call if form is None else Call(call.sender, call.to, *form)

    packed.__name__ = f"{getattr(make, '__name__', 'call')}_compacted"
    return packed


def compact_profile(profile: Profile) -> Profile:
    """A profile whose calls of the pool are mostly compact."""
    calls = tuple(
        (weight, {compacted(make): share for make, share in table.items()}) for weight, table in profile.calls
    )
    return replace(profile, calls=calls)
