"""The standard market: eight reserves, three e-mode categories, funded users, seeded liquidity."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode

from .artifacts import ArtifactSet
from .evm import CHAIN_ID, ZERO_ADDRESS, RealChain
from .recorder import MakeChain, Recorder
from .releases import (
    EMODE_OF_ASSET,
    REWARDS,
    TREASURY,
    Rates,
    constructor_arguments,
    emode,
    flash_premiums,
    has,
    init_reserves,
    listing,
)
from .replay import Record
from .signing import Signer

ADMIN = "0x" + "ad" * 20
UMBRELLA = "0x" + "0b" * 20
RECEIVER = "0x" + "fe" * 20
USERS = tuple(f"0x{byte:02x}" + f"{byte:02x}" * 19 for byte in range(0x11, 0x19))
SIGNERS = tuple(Signer.numbered(number) for number in range(4))
ACCOUNTS = (*USERS[:5], *(signer.address for signer in SIGNERS))
REFUSING_RECEIVER = "0x" + "fd" * 20
START = 1_770_000_000
COMMON_STRATEGY = "DefaultReserveInterestRateStrategyV2"
UMBRELLA_ID = b"UMBRELLA".ljust(32, b"\0")
MAX_UINT = 2**256 - 1
SUPPLY = "supply(address,uint256,address,uint16)"
WHOLE_TOKENS_EACH = 10**9
BeforeTokens = Callable[[Recorder], None]
"""What is deployed before the code of the tokens, which names it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A reserve as it is listed: prices have eight decimals, all else is in basis points."""

    symbol: str
    decimals: int
    price: int
    rates: Rates
    collateral: tuple[int, int, int] | None
    """Loan-to-value, liquidation threshold, liquidation bonus; None if it is no collateral."""
    reserve_factor: int
    protocol_fee: int
    flash_loans: bool
    seeded: int
    """What each of the first four users supplies at the start."""


ASSETS = (
    Asset("WETH", 18, 200000000000, (9000, 0, 270, 8000), (8050, 8300, 10500), 1500, 1000, True, 5000 * 10**18),
    Asset(
        "WSTETH", 18, 240000000000, (8000, 25, 450, 8000), (7850, 8100, 10600), 500, 1000, True, 4166666666666666491904
    ),
    Asset("USDC", 6, 100000000, (9200, 0, 550, 4000), (7500, 7800, 10450), 1000, 1000, True, 10**13),
    Asset("USDT", 6, 99990000, (9200, 0, 550, 3500), (7500, 7800, 10450), 1000, 2000, True, 10001000100010),
    Asset("WBTC", 8, 6500000000000, (4500, 0, 400, 30000), (7300, 7800, 10500), 5000, 1000, True, 15384615384),
    Asset("GUSD", 6, 100000000, (8000, 0, 400, 20000), None, 1000, 0, False, 10**13),
    Asset(
        "LINK", 18, 1512345678, (4500, 0, 700, 30000), (6600, 7100, 10700), 2000, 1000, True, 661224490238533917736960
    ),
    Asset("DUST", 24, 1, (4500, 100, 700, 30000), (5000, 6000, 11000), 2000, 1500, True, 10**32),
)

# E-mode category: loan-to-value, threshold, bonus, label, isolated (where a release knows that), collateral,
# borrowable, zero loan-to-value.
EMODES: tuple[tuple[int, int, int, str, bool, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (9300, 9500, 10100, "ETH correlated", False, ("WETH", "WSTETH"), ("WETH", "WSTETH"), ()),
    (9000, 9300, 10200, "Stables", False, ("USDC", "USDT"), ("USDC", "USDT", "GUSD"), ("USDT",)),
    (8700, 9000, 10300, "WSTETH/USDC", True, ("WSTETH",), ("USDC",), ()),
)


def nothing(recorder: Recorder) -> None:
    """Do nothing before the tokens are deployed."""


def build_market(
    artifacts: ArtifactSet,
    users: tuple[str, ...] = USERS,
    make_chain: MakeChain = RealChain,
    pool_kind: str = "PoolInstance",
    before_tokens: BeforeTokens = nothing,
) -> Recorder:
    """Deploy and fill the standard market; the recorder holds every step of it."""
    recorder = Recorder(artifacts, ADMIN, START, make_chain)
    deploy_core(recorder, pool_kind, before_tokens)
    for asset in ASSETS:
        list_asset(recorder, asset)
    for asset in ASSETS:
        fund(recorder, asset.symbol, asset.decimals, (*users, RECEIVER, UMBRELLA))
    recorder.place_receiver("receiver", "AlwaysTrueReceiver", RECEIVER)
    _add_emodes(recorder)
    for signature, value in flash_premiums(recorder):
        must(recorder, ADMIN, "configurator", signature, value)
    for user in users[:4]:
        for asset in ASSETS:
            must(recorder, user, "pool", SUPPLY, recorder.address(asset.symbol), asset.seeded, user, 0)
    return recorder


def header(recorder: Recorder, revision: str, seed: int, steps: int, users: tuple[str, ...] = USERS) -> Record:
    """The first line of a recording on the standard market; labels of contracts created later are not in it."""
    return {
        "revision": revision,
        "seed": seed,
        "steps": steps,
        "chainId": CHAIN_ID,
        "admin": ADMIN,
        "treasury": TREASURY,
        "umbrella": UMBRELLA,
        "receiver": RECEIVER,
        "users": list(users),
        "reserves": [asset.symbol for asset in ASSETS],
        "addresses": dict(recorder.addresses),
    }


def open_market(
    artifacts: ArtifactSet,
    revision: str,
    seed: int,
    steps: int,
    make_chain: MakeChain = RealChain,
    pool_kind: str = "PoolInstance",
    before_tokens: BeforeTokens = nothing,
) -> tuple[Record, Recorder]:
    """The standard market, and the header of a history that is going to happen on it."""
    recorder = build_market(artifacts, ACCOUNTS, make_chain, pool_kind, before_tokens)
    recorder.alias("stranger", "0x" + "99" * 20)
    return header(recorder, revision, seed, steps, ACCOUNTS), recorder


def must(recorder: Recorder, sender: str, to: str, signature: str, *arguments: Any) -> bytes:
    """A set-up call: raises ValueError, naming it, if it reverts."""
    outcome = recorder.transact(sender, to, signature, *arguments)
    if not outcome.ok:
        raise ValueError(f"set-up: {to}.{signature} reverted with 0x{outcome.ret.hex()}")
    return outcome.ret


def read_address(recorder: Recorder, to: str, signature: str) -> str:
    """A view that returns an address."""
    outcome = recorder.try_out(ZERO_ADDRESS, to, signature)
    (address,) = decode(["address"], outcome.ret)
    return str(address)


def deploy_core(recorder: Recorder, pool_kind: str = "PoolInstance", before_tokens: BeforeTokens = nothing) -> None:
    """The contracts of a market without reserves."""
    provider = recorder.deploy("provider", "PoolAddressesProvider", ["Lab", ADMIN])
    must(recorder, ADMIN, "provider", "setACLAdmin(address)", ADMIN)
    acl = recorder.deploy("acl", "ACLManager", [provider])
    must(recorder, ADMIN, "provider", "setACLManager(address)", acl)
    for role in ("PoolAdmin", "EmergencyAdmin", "RiskAdmin", "AssetListingAdmin"):
        must(recorder, ADMIN, "acl", f"add{role}(address)", ADMIN)
    artifacts = recorder.chain.artifacts
    strategy = ZERO_ADDRESS
    if COMMON_STRATEGY in artifacts:
        strategy = recorder.deploy("irs", COMMON_STRATEGY, [provider])
    pool_arguments = constructor_arguments(artifacts, pool_kind, [provider, strategy])
    pool_implementation = recorder.deploy("pool_impl", pool_kind, pool_arguments)
    must(recorder, ADMIN, "provider", "setPoolImpl(address)", pool_implementation)
    recorder.name("pool", read_address(recorder, "provider", "getPool()"))
    configurator_implementation = recorder.deploy("conf_impl", "PoolConfiguratorInstance", [])
    must(recorder, ADMIN, "provider", "setPoolConfiguratorImpl(address)", configurator_implementation)
    recorder.name("configurator", read_address(recorder, "provider", "getPoolConfigurator()"))
    oracle_arguments = [provider, [], [], ZERO_ADDRESS, ZERO_ADDRESS, 10**8]
    oracle = recorder.deploy("oracle", "AaveOracle", oracle_arguments)
    must(recorder, ADMIN, "provider", "setPriceOracle(address)", oracle)
    recorder.deploy("data_provider", "AaveProtocolDataProvider", [provider])
    before_tokens(recorder)
    for label, kind in (("atoken_impl", "ATokenInstance"), ("vtoken_impl", "VariableDebtTokenInstance")):
        if label not in recorder.addresses:
            recorder.deploy(label, kind, token_arguments(recorder, kind))
    if "StableDebtToken" in artifacts:
        recorder.deploy("stoken_impl", "StableDebtToken", token_arguments(recorder, "StableDebtToken"))
    must(recorder, ADMIN, "provider", "setAddress(bytes32,address)", UMBRELLA_ID, UMBRELLA)


def token_arguments(recorder: Recorder, kind: str) -> list[str]:
    """Constructor arguments of an aToken or debt-token implementation: pool, rewards if there are any, treasury."""
    arguments = [recorder.address("pool"), recorder.addresses.get(REWARDS, ZERO_ADDRESS), TREASURY]
    return constructor_arguments(recorder.chain.artifacts, kind, arguments)


def list_asset(recorder: Recorder, asset: Asset) -> None:
    """Deploy a token and its feed, list it and configure it."""
    symbol = asset.symbol
    recorder.deploy(symbol, "TestnetERC20", [symbol, symbol, asset.decimals, ADMIN])
    list_token(recorder, asset)


def list_token(recorder: Recorder, asset: Asset) -> None:
    """Deploy the feed of a token that is there, list it and configure it."""
    symbol = asset.symbol
    token = recorder.address(symbol)
    feed = recorder.deploy(f"agg_{symbol}", "MockAggregator", [asset.price])
    must(recorder, ADMIN, "oracle", "setAssetSources(address[],address[])", [token], [feed])
    must(recorder, ADMIN, "configurator", init_reserves(recorder), [listing(recorder, symbol, asset.rates)])
    for prefix, address in reserve_tokens(recorder, symbol).items():
        recorder.name(f"{prefix}{symbol}", address)
    must(recorder, ADMIN, "configurator", "setReserveBorrowing(address,bool)", token, True)
    if asset.collateral is not None:
        configure = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
        must(recorder, ADMIN, "configurator", configure, token, *asset.collateral)
    must(recorder, ADMIN, "configurator", "setReserveFactor(address,uint256)", token, asset.reserve_factor)
    must(recorder, ADMIN, "configurator", "setLiquidationProtocolFee(address,uint256)", token, asset.protocol_fee)
    must(recorder, ADMIN, "configurator", "setReserveFlashLoaning(address,bool)", token, asset.flash_loans)


def reserve_tokens(recorder: Recorder, symbol: str) -> dict[str, str]:
    """The aToken ("a") and the debt token ("v") of a listed asset, and until v3.0.2 the stable debt token ("s")."""
    signature = "getReserveTokensAddresses(address)"
    outcome = recorder.try_out(ZERO_ADDRESS, "data_provider", signature, recorder.address(symbol))
    atoken, stable_debt_token, debt_token = (str(where) for where in decode(["address"] * 3, outcome.ret))
    tokens = {"a": atoken, "v": debt_token}
    return {**tokens, "s": stable_debt_token} if "StableDebtToken" in recorder.chain.artifacts else tokens


def fund(recorder: Recorder, symbol: str, decimals: int, accounts: tuple[str, ...]) -> None:
    """Give each account a billion tokens and have it approve the pool."""
    for account in accounts:
        must(recorder, ADMIN, symbol, "mint(address,uint256)", account, WHOLE_TOKENS_EACH * 10**decimals)
        must(recorder, account, symbol, "approve(address,uint256)", recorder.address("pool"), MAX_UINT)


def _add_emodes(recorder: Recorder) -> None:
    for category, (ltv, threshold, bonus, label, isolated, collaterals, borrowables, ltv_zeros) in enumerate(EMODES, 1):
        limits, source = (ltv, threshold, bonus), recorder.address(collaterals[0]) if category == 2 else ZERO_ADDRESS
        call = emode(recorder, category, limits, label, isolated=isolated, price_source=source)
        must(recorder, ADMIN, "configurator", call[0], *call[1])
        if has(recorder.chain.artifacts, "PoolConfiguratorInstance", EMODE_OF_ASSET):
            for symbol in borrowables:
                must(recorder, ADMIN, "configurator", EMODE_OF_ASSET, recorder.address(symbol), category)
        for name, symbols in (("Collateral", collaterals), ("Borrowable", borrowables), ("Ltvzero", ltv_zeros)):
            for symbol in symbols:
                signature = f"setAsset{name}InEMode(address,uint8,bool)"
                if has(recorder.chain.artifacts, "PoolConfiguratorInstance", signature):
                    must(recorder, ADMIN, "configurator", signature, recorder.address(symbol), category, True)
