"""A market whose aTokens let anybody write balances, and random calls that do so, with little regard for sense."""

from ..harness.market import token_arguments
from ..harness.recorder import Recorder
from ..harness.world import Call, World
from ..histories.history import PROFILES, Profile
from ..histories.user_calls import MakeCall

SETTABLE_TOKEN = "SettableMockAToken"
SET_STORAGE = "setStorage(address,address,uint256,uint256,uint256)"
TRANSFER_WITH_INDEX = "transferWithIndex(address,address,uint256,uint256)"
RAY = 10**27


def deploy_settable_tokens(recorder: Recorder) -> None:
    """Have all aTokens be such."""
    recorder.deploy("atoken_impl", SETTABLE_TOKEN, token_arguments(recorder, SETTABLE_TOKEN))


def _index(w: World) -> int:
    """One near the reserve's, or at an edge."""
    usual = (RAY, RAY + 1, RAY + w.rng.randrange(RAY), 2 * RAY, w.rng.randrange(RAY))
    return w.pick(usual) if w.chance(0.85) else w.pick((0, 1, 2**128 - 1, 2**128, 2**128 + RAY, 2**200, 2**256 - 1))


def _shares(w: World) -> int:
    if w.chance(0.85):
        return w.rng.randrange(10 ** w.rng.randrange(1, 26))
    return w.pick((0, 2**119, 2**120 - 1, 2**120, 2**120 + 10**18, 2**256 - 1))


def set_storage(w: World) -> Call:
    """Write what two users have; sometimes both are one."""
    users = (w.user(), w.user()) if w.chance(0.95) else (w.anyone(), w.anyone())
    return Call(w.user(), f"a{w.symbol()}", SET_STORAGE, (*users, _index(w), _shares(w), _shares(w)))


def transfer_with_index(w: World) -> Call:
    """Move somebody's balance at an index of one's own."""
    symbol = w.symbol()
    amount = w.near(w.number(f"a{symbol}", "scaledBalanceOf(address)", from_ := w.user()))
    to = from_ if w.chance(0.1) else w.user()
    return Call(w.user(), f"a{symbol}", TRANSFER_WITH_INDEX, (from_, to, amount, _index(w)))


SETTABLE_CALLS: dict[MakeCall, float] = {set_storage: 2, transfer_with_index: 4}
USUAL = PROFILES["prices"]
SET = Profile(calls=(*USUAL.calls, (10.0, SETTABLE_CALLS)), scripts=USUAL.scripts, careful=0.65, start=USUAL.start)
"""Ordinary use of a market whose balances anybody writes."""
