"""Random events around proxies: tokens upgraded for real, proxies of the addresses provider, bare implementations."""

from ..harness.market import ADMIN, token_arguments
from ..harness.releases import init_reserves, listing, token_upgrade
from ..harness.world import Call, World
from .scripts import Script, admin


def old_tokens(w: World) -> None:
    """A reserve is listed with token implementations of a lower revision, to be upgraded later."""
    if "old_atoken_impl" not in w.recorder.addresses:
        for label, kind in (("old_atoken_impl", "MockAToken"), ("old_vtoken_impl", "MockVariableDebtToken")):
            w.recorder.deploy(label, kind, token_arguments(w.recorder, kind))
    symbol = f"OLD{1 + sum(label.startswith('OLD') for label in w.decimals)}"
    w.decimals[symbol], w.prices[symbol], w.normal_prices[symbol] = 18, 10**8, 10**8
    token = w.recorder.deploy(symbol, "TestnetERC20", [symbol, symbol, 18, ADMIN])
    feed = w.recorder.deploy(f"agg_{symbol}", "MockAggregator", [10**8])
    admin(w, "oracle", "setAssetSources(address[],address[])", [token], [feed])
    entry = listing(w.recorder, symbol, (8000, 0, 400, 5000), prefix="old_")
    if admin(w, "configurator", init_reserves(w.recorder), [entry]).ok:
        w.listed(symbol)
        for user in w.users[:3]:
            admin(w, symbol, "mint(address,uint256)", user, 10**27)
            w.send(Call(user, symbol, "approve(address,uint256)", (w.recorder.address("pool"), 10**27)))


def upgrade_token(w: World) -> None:
    """A token goes to the current implementation, with a new name; it works once for each old token."""
    old = [symbol for symbol in w.symbols if symbol.startswith("OLD")]
    symbol = w.pick(old) if old else w.symbol()
    prefix = w.pick("av")
    names = (f"{prefix}{symbol} renamed", f"{prefix}{symbol}2")
    implementation = w.recorder.address(f"{prefix}token_impl")
    signature, upgrade = token_upgrade(w.recorder, prefix, symbol, names, implementation)
    admin(w, "configurator", signature, upgrade)


def provider_proxy(w: World) -> None:
    """The provider makes or upgrades a proxy under an identifier of its own.

    Each identifier keeps to one kind of code: the twin cannot put another kind behind a proxy.
    """
    kind = w.pick(("pool", "conf"))
    identifier = w.pick((f"SECOND_{kind}", f"THIRD_{kind}")).encode().ljust(32, b"\0")
    implementation = w.recorder.address(f"{kind}_impl") if w.chance(0.8) else w.user()
    arguments = (identifier, implementation)
    sender = ADMIN if w.chance(0.9) else w.user()
    w.send(Call(sender, "provider", "setAddressAsProxy(bytes32,address)", arguments))


def bare_implementation(w: World) -> None:
    """An implementation is called directly: it has storage of its own, and nobody initialized it."""
    label = w.pick(("pool_impl", "conf_impl", "atoken_impl", "vtoken_impl"))
    if label in ("pool_impl", "conf_impl"):
        provider = w.recorder.address("provider") if w.chance(0.8) else w.user()
        w.send(Call(w.user(), label, "initialize(address)", (provider,)))
        return
    pool = w.recorder.address("pool") if w.chance(0.8) else w.user()
    arguments = (pool, w.recorder.address(w.symbol()), 18, "bare", "BARE", b"")
    w.send(Call(w.user(), label, "initialize(address,address,uint8,string,string,bytes)", arguments))


UPGRADE_SCRIPTS: dict[Script, float] = {old_tokens: 1, upgrade_token: 2, provider_proxy: 0.7, bare_implementation: 0.5}
