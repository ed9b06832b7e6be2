"""Upgrade of a market from v3.0.2 to v3.2 on both sides: the twin by `upgrades`, the EVM as governance did.

The payloads of that time are nowhere published ready-made, so their steps are taken one by one: by the real contracts
of v3.2, but for the few words that initializers made for the occasion wrote (see `_initialize`). Governance went by way
of v3.1, which has no contracts here; what is left of its steps, v3.2's contracts do in the same way.
"""

from typing import Any

from eth_abi.abi import decode, encode
from pooltwin.protocol.contracts.addresses_provider import DATA_PROVIDER, POOL_CONFIGURATOR
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.raw import slot_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.upgrades import upgrade

from ..harness.artifacts import ArtifactSet
from ..harness.evm import ZERO_ADDRESS, Outcome, RealChain, calldata, library_order
from ..harness.lockstep import LockstepChain
from ..harness.market import ACCOUNTS, ADMIN, SUPPLY, UMBRELLA
from ..harness.recorder import Recorder
from ..harness.releases import EMODE_WITH_PRICE, STRATEGY_OF_ASSET, Rates, strategy_arguments

RESERVES = Variable("reserves", "uint256", 52, keys=("address",))
VIRTUAL_ACCOUNTING = 1 << 252
CATEGORY = 168
FROZEN = 1 << 57
PAUSED = 1 << 60
FREEZE = "setReserveFreeze(address,bool)"
PAUSE = "setReservePause(address,bool)"
LTV = 0xFFFF
LOW_HALF = 2**128 - 1
RAY = 10**27
BASIS_POINT = 10**23
USUAL_RATES: Rates = (8000, 25, 450, 6000)
OLD_RATES = (
    "OPTIMAL_USAGE_RATIO()",
    "getBaseVariableBorrowRate()",
    "getVariableRateSlope1()",
    "getVariableRateSlope2()",
)
OLD_STRATEGY = "setReserveInterestRateStrategyAddress(address,address)"
NEW_STRATEGY = "setReserveInterestRateStrategyAddress(address,address,bytes)"
REGISTER = "setAddress(bytes32,address)"
RENAMED = {
    "pool_impl": "PoolInstance",
    "conf_impl": "PoolConfiguratorInstance",
    "data_provider": "AaveProtocolDataProvider",
    "irs": "DefaultReserveInterestRateStrategyV2",
}
"""Labels of what an upgrade deploys."""


class Evm:
    """The real side of a lockstep alone."""

    def __init__(self, chain: LockstepChain) -> None:
        self.chain = chain

    def send(self, sender: str, to: str, signature: str, *arguments: Any) -> Outcome:
        """A call that must go through."""
        outcome = RealChain.transact(self.chain, sender, to, calldata(signature, *arguments))
        assert outcome.ok, f"{signature} {arguments}: 0x{outcome.ret.hex()}"
        return outcome

    def read(self, to: str, signature: str, *arguments: Any) -> int:
        """A view's first word."""
        with RealChain.undone(self.chain):
            return int.from_bytes(self.send(ZERO_ADDRESS, to, signature, *arguments).ret[:32], "big")

    def address(self, to: str, signature: str, *arguments: Any) -> str:
        """A view's address."""
        return f"0x{self.read(to, signature, *arguments):040x}"

    def text(self, to: str, signature: str) -> str:
        """A view's text."""
        with RealChain.undone(self.chain):
            (text,) = decode(["string"], self.send(ZERO_ADDRESS, to, signature).ret)
        return str(text)

    def reserves(self, pool: str) -> list[str]:
        """The listed assets."""
        with RealChain.undone(self.chain):
            (assets,) = decode(["address[]"], self.send(ZERO_ADDRESS, pool, "getReservesList()").ret)
        return list(assets)

    def word(self, pool: str, asset: str, member: int) -> tuple[int, int]:
        """Slot and value of a word of a reserve."""
        slot = slot_of(RESERVES, (asset,)) + member
        return slot, self.chain.storage(pool, slot)


# --- before -----------------------------------------------------------------------------------------------------------


def make_ready(recorder: Recorder) -> None:
    """Do what governance had done beforehand: no category has a price, rates can be carried over, no debt is stable."""
    chain, pool = recorder.chain, recorder.address("pool")
    assert isinstance(chain, LockstepChain)
    evm = Evm(chain)
    for asset in evm.reserves(pool):
        _end_stable_debts(recorder, evm, pool, asset)
        _lend_more(recorder, evm, pool, asset)
    usual = recorder.deploy(
        "irs_usual", STRATEGY_OF_ASSET, strategy_arguments(recorder.address("provider"), USUAL_RATES)
    )
    for asset in evm.reserves(pool):
        optimal, base, below, above = _rates(evm, pool, asset)
        if not (100 <= optimal <= 9900 and below <= above and base + below + above <= 100_000):
            _decree(recorder, OLD_STRATEGY, asset, usual)
    for category in range(1, 256):
        raw = recorder.try_out(ZERO_ADDRESS, pool, "getEModeCategoryData(uint8)", category).ret
        (ltv, threshold, bonus, source, label) = decode(["(uint16,uint16,uint16,address,string)"], raw)[0]
        if source != ZERO_ADDRESS:
            _decree(recorder, EMODE_WITH_PRICE, category, ltv, threshold, bonus, ZERO_ADDRESS, label)


def _end_stable_debts(recorder: Recorder, evm: Evm, pool: str, asset: str) -> None:
    """Have everybody change what stable debt there is, whatever the state of the reserve."""
    token = f"0x{evm.word(pool, asset, 5)[1]:040x}"
    debtors = [user for user in (*ACCOUNTS, UMBRELLA) if evm.read(token, "principalBalanceOf(address)", user)]
    configuration = evm.word(pool, asset, 0)[1]
    for signature, bit in ((FREEZE, FROZEN), (PAUSE, PAUSED)):
        if debtors and configuration & bit:
            _decree(recorder, signature, asset, False)
    for user in debtors:
        assert recorder.transact(user, "pool", "swapBorrowRateMode(address,uint256)", asset, 1).ok
    for signature, bit in ((FREEZE, FROZEN), (PAUSE, PAUSED)):
        if debtors and configuration & bit:
            _decree(recorder, signature, asset, True)


def _lend_more(recorder: Recorder, evm: Evm, pool: str, asset: str) -> None:
    """Where next to nothing is left to be lent, more is owed than is claimed: compound interest is more than linear."""
    a_token, debt_token = (f"0x{evm.word(pool, asset, member)[1]:040x}" for member in (4, 6))
    part = evm.read(debt_token, "totalSupply()") // 50
    if evm.read(asset, "balanceOf(address)", a_token) < part:
        _decree(recorder, "setSupplyCap(address,uint256)", asset, 0)
        recorder.transact(ACCOUNTS[0], "pool", SUPPLY, asset, part, ACCOUNTS[0], 0)


def _rates(evm: Evm, pool: str, asset: str) -> list[int]:
    """A reserve's rate parameters in basis points."""
    strategy = f"0x{evm.word(pool, asset, 7)[1]:040x}"
    return [evm.read(strategy, signature) // BASIS_POINT for signature in OLD_RATES]


def _decree(recorder: Recorder, signature: str, *arguments: Any) -> None:
    """The admin configures something, on both sides."""
    outcome = recorder.transact(ADMIN, "configurator", signature, *arguments)
    assert outcome.ok, f"{signature} {arguments}: 0x{outcome.ret.hex()}"


# --- the upgrade ------------------------------------------------------------------------------------------------------


def upgrade_both(recorder: Recorder, later: ArtifactSet) -> None:
    """Upgrade the market to v3.2, and with it the artifacts. Labels go over to the new contracts."""
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    market = Market(chain.twin, recorder.address("provider"))
    upgrade(market, "3.2")
    recorder.name("old_data_provider", recorder.address("data_provider"))
    _forget_stable_debt_tokens(recorder)
    pool = market.pool
    strategy = pool.reserves[pool.get_reserves_list()[0]].interest_rate_strategy
    registered = market.provider.addresses[DATA_PROVIDER]
    places = (pool.implementation, market.configurator.implementation, registered, strategy)
    first = chain.artifacts
    kept = {STRATEGY_OF_ASSET: first[STRATEGY_OF_ASSET]}
    chain.artifacts = later.model_copy(update={"contracts": {**kept, **later.contracts}})
    chain.libraries = {}
    for (label, kind), where in zip(RENAMED.items(), places, strict=True):
        _deploy(chain, kind, where, [] if label == "conf_impl" else [market.provider.address])
        recorder.name(label, where)
    _govern(Evm(chain), market.provider.address, places)


def _forget_stable_debt_tokens(recorder: Recorder) -> None:
    """Take away the labels of what the later artifacts do not have."""
    of_reserves = [label for label in recorder.addresses if f"agg_{label[1:]}" in recorder.addresses]
    for label in ("stoken_impl", *of_reserves):
        if label.startswith("s"):
            del recorder.addresses[label]


def _deploy(chain: LockstepChain, kind: str, where: str, arguments: list[str]) -> None:
    """Put a contract where the twin has it already; the libraries it needs are new to both sides."""
    for library in library_order(chain.artifacts, kind):
        if library not in chain.libraries:
            chain.libraries[library] = chain.create(ADMIN, library, ())
    made = RealChain.create(chain, ADMIN, kind, arguments)
    chain.plant(where, chain.code(made), 1, {})


def _govern(evm: Evm, provider: str, places: tuple[str, str, str, str]) -> None:
    """The payloads' steps."""
    pool_code, configurator_code, data_provider, strategy = places
    evm.send(ADMIN, provider, "setPoolConfiguratorImpl(address)", configurator_code)
    evm.send(ADMIN, provider, "setPoolImpl(address)", pool_code)
    pool, configurator = (evm.address(provider, view) for view in ("getPool()", "getPoolConfigurator()"))
    evm.send(ADMIN, provider, REGISTER, POOL_CONFIGURATOR, ADMIN)  # as whom the admin may bring indexes up to date
    for asset in evm.reserves(pool):
        _initialize(evm, pool, asset)
    evm.send(ADMIN, provider, REGISTER, POOL_CONFIGURATOR, configurator)
    evm.send(ADMIN, provider, "setPoolDataProvider(address)", data_provider)
    for asset in evm.reserves(pool):
        _, configuration = evm.word(pool, asset, 0)
        if configuration & FROZEN and configuration & LTV:
            for freeze in (False, True):
                evm.send(ADMIN, configurator, "setReserveFreeze(address,bool)", asset, freeze)
        category = configuration >> CATEGORY & 0xFF
        if category:
            for name in ("Collateral", "Borrowable"):
                evm.send(ADMIN, configurator, f"setAsset{name}InEMode(address,uint8,bool)", asset, category, True)
        data = encode(["uint256"] * 4, _rates(evm, pool, asset))
        evm.send(ADMIN, configurator, NEW_STRATEGY, asset, strategy, data)


def _initialize(evm: Evm, pool: str, asset: str) -> None:
    """Write what the initializers wrote: the reserve's own balance and its flag; no stable rate or debt token."""
    evm.send(ADMIN, pool, "syncIndexesState(address)", asset)
    a_token, debt_token = (f"0x{evm.word(pool, asset, member)[1]:040x}" for member in (4, 6))
    accrued = evm.word(pool, asset, 8)[1] & LOW_HALF
    index = evm.read(pool, "getReserveNormalizedIncome(address)", asset)
    claims = evm.read(a_token, "totalSupply()") + (accrued * index + RAY // 2) // RAY
    held = evm.read(asset, "balanceOf(address)", a_token)
    balance = min(claims - evm.read(debt_token, "totalSupply()"), held)
    assert balance >= 0
    for member, change in (
        (0, lambda word: word | VIRTUAL_ACCOUNTING),
        (3, lambda word: word & ~LOW_HALF),
        (5, lambda _: 0),
        (9, lambda word: word & LOW_HALF | balance << 128),
    ):
        slot, word = evm.word(pool, asset, member)
        RealChain.set_storage(evm.chain, pool, slot, change(word))
