"""Upgrades of a market from v3.2 on, release by release, on both sides: the EVM by the payloads' steps.

All steps are taken by the real contracts, but for v3.4's move of each reserve's balance to another place, which an
initializer made for the occasion did.
"""

from collections.abc import Callable

from pooltwin.protocol.contracts.addresses_provider import DATA_PROVIDER
from pooltwin.protocol.market import Market
from pooltwin.protocol.upgrades import upgrade

from ..harness.artifacts import ArtifactSet
from ..harness.evm import ZERO_ADDRESS, RealChain, library_order
from ..harness.lockstep import LockstepChain
from ..harness.market import ADMIN
from ..harness.recorder import Recorder
from ..harness.releases import TREASURY
from .from_v3_0_2 import LOW_HALF, LTV, Evm

RENEW_TOKENS = {
    "a": "updateAToken((address,string,string,address,bytes))",
    "v": "updateVariableDebtToken((address,string,string,address,bytes))",
}
EMPTY_CATEGORIES = 10
"""After so many the payload of v3.6 looks no further."""
DEBT_CEILING = (2**40 - 1) << 212
BORROWABLE_IN_ISOLATION = 1 << 61

Places = dict[str, str]
"""Label to address of what an upgrade deploys."""
Step = Callable[[Evm, str, Places], None]
"""The EVM, the registry, the places."""


def upgrade_both(recorder: Recorder, to: str, later: ArtifactSet) -> None:
    """Upgrade the market to the later release, and with it the artifacts and the labels."""
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    provider = recorder.address("provider")
    evm, market = Evm(chain), Market(chain.twin, provider)
    before = {label: _places(market)[label] for label in _places(market)}
    pool, strategy = market.pool.address, market.rate_strategy.address
    if to == "3.7":
        _wind_down_isolation(evm, pool, recorder.address("configurator"))
    upgrade(market, to)
    places = {label: where for label, where in _places(market).items() if where != before[label]}
    chain.artifacts, chain.libraries = later, {}
    arguments = {
        "pool_impl": [provider, strategy],
        "data_provider": [provider],
        "atoken_impl": [pool, ZERO_ADDRESS, TREASURY],
        "vtoken_impl": [pool, ZERO_ADDRESS],
    }
    for label, where in places.items():
        _deploy(chain, KINDS[label], where, arguments.get(label, []))
        recorder.name(label, where)
    _govern(evm, to, provider, pool, places)


KINDS = {
    "pool_impl": "PoolInstance",
    "conf_impl": "PoolConfiguratorInstance",
    "data_provider": "AaveProtocolDataProvider",
    "atoken_impl": "ATokenInstance",
    "vtoken_impl": "VariableDebtTokenInstance",
}


def _places(market: Market) -> Places:
    pool = market.pool
    reserve = pool.reserves[pool.get_reserves_list()[0]]
    return {
        "pool_impl": pool.implementation,
        "conf_impl": market.configurator.implementation,
        "data_provider": market.provider.addresses[DATA_PROVIDER],
        "atoken_impl": market.chain.at(reserve.a_token).implementation,
        "vtoken_impl": market.chain.at(reserve.variable_debt_token).implementation,
    }


def _deploy(chain: LockstepChain, kind: str, where: str, arguments: list[str]) -> None:
    """Put a contract where the twin has it already; the libraries it needs are new to both sides."""
    for library in library_order(chain.artifacts, kind):
        if library not in chain.libraries:
            chain.libraries[library] = chain.create(ADMIN, library, ())
    takes = len(chain.artifacts[kind].constructor_types)
    made = RealChain.create(chain, ADMIN, kind, arguments[:takes])
    words = chain.all_storage().get(made, {})
    chain.plant(where, chain.code(made), 1, words)
    for slot in words:
        RealChain.set_storage(chain, made, slot, 0)


def _govern(evm: Evm, to: str, provider: str, pool: str, places: Places) -> None:
    """The payload's steps; in which order makes no difference to the state."""
    configurator = evm.address(provider, "getPoolConfigurator()")
    for label, signature in (
        ("pool_impl", "setPoolImpl(address)"),
        ("conf_impl", "setPoolConfiguratorImpl(address)"),
        ("data_provider", "setPoolDataProvider(address)"),
    ):
        if label in places:
            evm.send(ADMIN, provider, signature, places[label])
    if to == "3.4":
        for asset in evm.reserves(pool):
            _move_balance(evm, pool, asset)
    for asset in evm.reserves(pool):
        for prefix, member in (("a", 4), ("v", 6)):
            implementation = places.get(f"{prefix}token_impl")
            if implementation is not None:
                token = f"0x{evm.word(pool, asset, member)[1]:040x}"
                names = (evm.text(token, "name()"), evm.text(token, "symbol()"))
                evm.send(ADMIN, configurator, RENEW_TOKENS[prefix], (asset, *names, implementation, b""))
        if to == "3.6":
            _flag_zero_ltv(evm, pool, configurator, asset)


def _move_balance(evm: Evm, pool: str, asset: str) -> None:
    (new, word), (old, balance) = evm.word(pool, asset, 8), evm.word(pool, asset, 9)
    RealChain.set_storage(evm.chain, pool, new, word & LOW_HALF | balance >> 128 << 128)
    RealChain.set_storage(evm.chain, pool, old, balance & LOW_HALF)


def _flag_zero_ltv(evm: Evm, pool: str, configurator: str, asset: str) -> None:
    if evm.word(pool, asset, 0)[1] & LTV:
        return
    reserve_id, empty = evm.word(pool, asset, 3)[1] >> 168 & 0xFFFF, 0
    for category in range(1, 256):
        bitmap = evm.read(pool, "getEModeCategoryCollateralBitmap(uint8)", category)
        if bitmap >> reserve_id & 1:
            evm.send(ADMIN, configurator, "setAssetLtvzeroInEMode(address,uint8,bool)", asset, category, True)
            empty = 0
        empty += bitmap == 0
        if empty == EMPTY_CATEGORIES:
            return


def _wind_down_isolation(evm: Evm, pool: str, configurator: str) -> None:
    for asset in evm.reserves(pool):
        configuration = evm.word(pool, asset, 0)[1]
        if configuration & DEBT_CEILING:
            evm.send(ADMIN, configurator, "setDebtCeiling(address,uint256)", asset, 0)
        if configuration & BORROWABLE_IN_ISOLATION:
            evm.send(ADMIN, configurator, "setBorrowableInIsolation(address,bool)", asset, False)


def replace_what_speaks_in_codes(recorder: Recorder) -> None:
    """Oracle, strategy and sentinel of v3.3 stayed when v3.4 came, and their errors are codes still, which the twin
    does not remember: put new ones in their place, and call the old ones no more."""
    provider, addresses = recorder.address("provider"), recorder.addresses
    listed = [label.removeprefix("agg_") for label in addresses if label.startswith("agg_")]
    sources = [addresses[symbol] for symbol in listed], [addresses[f"agg_{symbol}"] for symbol in listed]
    oracle = recorder.deploy("oracle", "AaveOracle", [provider, *sources, ZERO_ADDRESS, ZERO_ADDRESS, 10**8])
    assert recorder.transact(ADMIN, "provider", "setPriceOracle(address)", oracle).ok
    recorder.deploy("irs", "DefaultReserveInterestRateStrategyV2", [provider])
    if "sentinel" in addresses:
        recorder.deploy("sentinel", "PriceOracleSentinel", [provider, addresses["sequencer"], 3600])
        assert recorder.transact(ADMIN, "provider", "setPriceOracleSentinel(address)", ZERO_ADDRESS).ok
