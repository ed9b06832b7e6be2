"""Direct calls of what only the configurator may call: for a moment the provider names a user as configurator.

It reaches the checks and effects of the pool and of the rate strategy that the configurator's own checks hide.
"""

from typing import Any

from ..harness.market import WHOLE_TOKENS_EACH
from ..harness.releases import rate_data
from ..harness.world import Call, World
from .scripts import Script, admin

CONFIGURATOR_ID = b"POOL_CONFIGURATOR".ljust(32, b"\0")
SET_ADDRESS = "setAddress(bytes32,address)"
SWITCHES = (56, 57, 58, 60, 61, 62, 63)
"""Bits of the configuration word: active, frozen, borrowing, paused, isolation, siloed, flash loans."""


def usurped_configurator(w: World) -> None:
    """A user is configurator for a few calls, then the real one is back."""
    usurper = w.user()
    admin(w, "provider", SET_ADDRESS, CONFIGURATOR_ID, usurper)
    for _ in range(w.rng.randrange(2, 8)):
        to, signature, arguments = w.pick((_reserve_call, _reserve_call, _emode_call, _rates_call, _switch_call))(w)
        call = Call(usurper, to, signature, arguments)
        if w.supports(call):
            w.send(call)
    admin(w, "provider", SET_ADDRESS, CONFIGURATOR_ID, w.recorder.address("configurator"))


def whale(w: World) -> None:
    """A user gets more tokens than the market's integers hold; supplies of them are cut off at some point."""
    symbol, user = w.pick((w.symbols[-1], "DUST")), w.user()
    amount = w.pick((2**112, 2**119, 2**120, 2**127, 2**128, 2**200))
    admin(w, symbol, "mint(address,uint256)", user, amount)
    supply = "supply(address,uint256,address,uint16)"
    w.send(Call(user, "pool", supply, (w.recorder.address(symbol), w.near(amount), user, 0)))
    w.send(Call(user, "pool", supply, (w.recorder.address(symbol), WHOLE_TOKENS_EACH * w.unit(symbol), user, 0)))


def _reserve_call(w: World) -> tuple[str, str, tuple[Any, ...]]:
    asset, now = w.asset(), w.recorder.chain.timestamp
    return "pool", *w.pick(
        (
            ("syncIndexesState(address)", (asset,)),
            ("syncRatesState(address)", (asset,)),
            ("setLiquidationGracePeriod(address,uint40)", (asset, w.pick((0, now, now + 1, now + 600)))),
            ("resetIsolationModeTotalDebt(address)", (asset,)),
            ("dropReserve(address)", (asset,)),
            ("initReserve(address,address,address)", (w.pick((asset, w.user())), w.user(), w.user())),
            ("updateFlashloanPremium(uint128)", (w.pick((0, 5, 9, 10000)),)),
        )
    )


def _emode_call(w: World) -> tuple[str, str, tuple[Any, ...]]:
    category = w.pick((0, 1, 2, 3, 4))
    if w.chance(0.5):
        name = w.pick(("Collateral", "Borrowable", "Ltvzero"))
        return "pool", f"configureEModeCategory{name}Bitmap(uint8,uint128)", (category, w.rng.getrandbits(8))
    if w.has("PoolInstance", "configureEModeCategoryIsolated(uint8,bool)"):
        if w.chance(0.3):
            return "pool", "configureEModeCategoryIsolated(uint8,bool)", (category, w.chance(0.5))
        limits = (9000, 9300, 10200, w.chance(0.3), "usurped")
        return "pool", "configureEModeCategory(uint8,(uint16,uint16,uint16,bool,string))", (category, limits)
    limits_before = (9000, 9300, 10200, "usurped")
    return "pool", "configureEModeCategory(uint8,(uint16,uint16,uint16,string))", (category, limits_before)


def _rates_call(w: World) -> tuple[str, str, tuple[Any, ...]]:
    rates = w.pick(((9000, 0, 300, 5000), (8000, 100, 100, 100), (99, 0, 0, 1), (9000, 1, 2, 100_000), (9000, 0, 2, 1)))
    asset = w.asset()
    if w.chance(0.5):
        return "irs", "setInterestRateParams(address,bytes)", (asset, rate_data(rates))
    return "irs", "setInterestRateParams(address,(uint16,uint32,uint32,uint32))", (asset, rates)


def _switch_call(w: World) -> tuple[str, str, tuple[Any, ...]]:
    """One switch of a reserve flipped, also where the configurator would have refused; it is mostly flipped back."""
    asset = w.recorder.address(w.symbol())
    word = w.number("pool", "getConfiguration(address)", asset)
    flipped = word ^ (1 << w.pick(SWITCHES))
    signature = "setConfiguration(address,(uint256))"
    if w.chance(0.8):
        w.later(w.rng.randrange(1, 6), lambda: _as_usurper(w, signature, asset, (word,)))
    return "pool", signature, (asset, (flipped,))


def _as_usurper(w: World, signature: str, *arguments: Any) -> None:
    """One call on the pool by a configurator of a moment."""
    usurper = w.user()
    admin(w, "provider", SET_ADDRESS, CONFIGURATOR_ID, usurper)
    w.send(Call(usurper, "pool", signature, arguments))
    admin(w, "provider", SET_ADDRESS, CONFIGURATOR_ID, w.recorder.address("configurator"))


HOSTILE_SCRIPTS: dict[Script, float] = {usurped_configurator: 3, whale: 0.5}
