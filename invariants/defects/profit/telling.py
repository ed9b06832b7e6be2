"""The story of a chain: a sentence for each link, repeated ones told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .books import DOLLAR
from .ground import ATTACKER, UNITS
from .ploys import DAY, Ploy
from .reckoning import Stretch

CENTS = DOLLAR // 100


def dollars(worth: int) -> str:
    """Write a worth as "$1,234.56"; what is less than half a cent in words."""
    cents = (abs(worth) + CENTS // 2) // CENTS
    if worth and not cents:
        return "less than a cent"
    return ("-" if worth < 0 else "") + f"${cents // 100:,}.{cents % 100:02}"


def tokens(amount: int, symbol: str) -> str:
    """Write an amount in whole tokens, with as many decimals as it takes: "1,000.5 USDC"."""
    unit = UNITS[symbol]
    digits = len(str(unit)) - 1
    decimals = f"{amount % unit:0{digits}}".rstrip("0")
    shown = decimals if amount < unit else decimals[:6]
    return f"{amount // unit:,}{'.' if shown else ''}{shown} {symbol}"


def told(stretches: Sequence[Stretch]) -> list[str]:
    """Tell stretches as numbered sentences."""
    lines = []
    for number, stretch in enumerate(stretches, 1):
        parts = [
            _sentence(ploy, first, last)
            for ploy, first, last in zip(stretch.link.ploys, stretch.first, stretch.last, strict=False)
        ]
        times = f"{stretch.link.times:,} times: " if stretch.link.times > 1 else ""
        lines.append(f"{number}. {times}{', then '.join(parts)}.")
    return lines


def _sentence(ploy: Ploy, first: int, last: int) -> str:
    amount = ""
    if ploy.size and ploy.size != "everything":
        amount = tokens(first, ploy.symbol)
        if last != first:
            amount = f"{amount} at first and {tokens(last, ploy.symbol)} at last"
        if ploy.size not in ("1 unit", "1,000 units", "1 token"):
            amount = f"{ploy.size}, {amount}"
    _, _, function = ploy.call.rpartition(".")
    text = _SENTENCES[ploy.call if ploy.call in _SENTENCES else function](ploy, amount)
    who = f"the {_person(ploy.who)} " if ploy.who else ""
    inside = " and ".join(_sentence(part, 0, 0).replace(", 0 " + part.symbol, "") for part in ploy.inside)
    return f"{who}{text}" + (f" (inside it {inside})" if inside else "")


def _person(who: str) -> str:
    return "attacker" if who == ATTACKER else who


_SENTENCES: dict[str, Callable[[Ploy, str], str]] = {
    "time": lambda ploy, _: f"{ploy.number // DAY} days pass",
    "supply": lambda _, amount: f"supplies {amount}",
    "withdraw": lambda _, amount: f"withdraws {amount}",
    "borrow": lambda _, amount: f"borrows {amount}",
    "repay": lambda ploy, amount: f"repays {amount or f'all it owes of {ploy.symbol}'}",
    "repayWithATokens": lambda _, amount: f"repays with aTokens {amount}",
    "flashLoanSimple": lambda _, amount: f"takes a flash loan of {amount}",
    "aToken.transfer": lambda ploy, amount: f"sends aTokens to the {_person(ploy.other)}, {amount}",
    "asset.transfer": lambda ploy, amount: f"gives {ploy.other} {amount}",
    "liquidationCall": lambda ploy, _: (
        f"liquidates the {_person(ploy.other)}'s debt of {ploy.debt} for collateral in {ploy.symbol}"
        + (", taking aTokens" if ploy.flag else "")
    ),
    "mintToTreasury": lambda *_: "mints what is due to the treasury",
    "setUserEMode": lambda ploy, _: (
        f"enters e-mode category {ploy.number}" if ploy.number else "leaves its e-mode category"
    ),
    "setUserUseReserveAsCollateral": lambda ploy, _: (
        f"{'enables' if ploy.flag else 'disables'} its {ploy.symbol} as collateral"
    ),
}
