"""The standard market of the recordings on both sides: the real v3.6 contracts in revm, and the twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pooltwin.fixtures import recording_paths
from pooltwin.protocol.machine.abi import encode_values
from pooltwin.protocol.market import Market
from pooltwin.protocol.recordings.recording import Recording
from pooltwin.protocol.recordings.verification import Replay

LENDER, BORROWER, LIQUIDATOR = ("0x" + byte * 20 for byte in ("11", "12", "15"))
AN_HOUR = 3600


class Operation(NamedTuple):
    """One benchmarked call: who, which contract of the market, which function, with what."""

    sender: str
    to: str
    method: str
    arguments: tuple[object, ...]


def operations(market: Market) -> dict[str, Operation]:
    """Calls that can be repeated for ever; the last one needs `make_liquidatable` first."""
    weth, usdc, gusd = market.asset("WETH"), market.asset("USDC"), market.asset("GUSD")
    return {
        "supply": Operation(LENDER, "pool", "supply", (weth, 10**15, LENDER, 0)),
        "withdraw": Operation(BORROWER, "pool", "withdraw", (weth, 10**12, BORROWER)),
        "borrow": Operation(BORROWER, "pool", "borrow", (usdc, 10**3, 2, 0, BORROWER)),
        "repay": Operation(BORROWER, "pool", "repay", (gusd, 10**3, 2, BORROWER)),
        "aToken transfer": Operation(LENDER, "aWETH", "transfer", (LIQUIDATOR, 10**12)),
        "getUserAccountData": Operation(BORROWER, "pool", "get_user_account_data", (BORROWER,)),
        "liquidationCall": Operation(LIQUIDATOR, "pool", "liquidation_call", (weth, gusd, BORROWER, 10**3, False)),
    }


def twin_market() -> Market:
    """The market as every recording sets it up, then a borrower of two assets, an hour later."""
    path = next(path for path in recording_paths() if path.name.startswith("v3.6"))
    recording = Recording(path)
    replay = Replay(recording)
    start = None
    for line, record in recording:
        moment = getattr(record, "t", start)
        if start is not None and moment != start:
            break
        start = moment
        difference = replay.apply(line, record)
        if difference is not None:
            raise AssertionError(difference)
    return Market(replay.chain, recording.header.addresses["provider"])


DEBTS = (("GUSD", 8 * 10**12), ("WETH", 10**18))
"""What the borrower takes on: GUSD is nobody's collateral, so its price alone decides over the position."""


def unfold(market: Market) -> None:
    """The borrower takes two debts and an hour passes."""
    for symbol, amount in DEBTS:
        market.pool.borrow(market.asset(symbol), amount, sender=BORROWER)
    market.chain.advance(AN_HOUR)


def make_liquidatable(market: Market) -> None:
    """The borrowed dollar rises until the borrower is unhealthy, but not by much."""
    price = market.price_feed("GUSD").answer
    while market.pool.get_user_account_data(BORROWER).health_factor >= 10**18:
        price += price // 50
        market.set_price("GUSD", price)


def calldata_of(market: Market, operation: Operation) -> tuple[str, bytes]:
    """The operation's target and calldata."""
    contract = market.a_token("WETH") if operation.to == "aWETH" else market.pool
    function = getattr(type(contract), operation.method).contract_functions[0]
    return contract.address, function.selector + encode_values(function.kinds, operation.arguments)


def twin_call(market: Market, operation: Operation) -> Callable[[], object]:
    """The operation through the typed interface."""
    contract = market.a_token("WETH") if operation.to == "aWETH" else market.pool
    method = getattr(contract, operation.method)
    if operation.method.startswith("get_"):
        return lambda: method(*operation.arguments)
    return lambda: method(*operation.arguments, sender=operation.sender)
