"""One scripted history in which every function of every contract succeeds, if it can.

`python -m tests.unit.tour REVISION` prints what the history hashes to.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.acl_manager import BRIDGE_ROLE, DEFAULT_ADMIN_ROLE, RISK_ADMIN_ROLE
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.machine.abi import encode_values
from pooltwin.protocol.receipt import Receipt

from .calls import FALLBACK_AT, RECEIVER_AT, SENTINEL_AT, SEQUENCER_AT, WETH9_AT, crowded
from .signing import Wallet
from .worlds import ALICE, BOB, CAROL, DAVE, DOLLAR, MAX, RATES, RAY, USDC, WETH

FOREVER = 2**40
WALLET = Wallet("tourist")
RATE_DATA = (RATES.optimal_usage_bps, RATES.base_rate_bps, RATES.slope1_bps, RATES.slope2_bps)
ENCODED_RATES = encode_values(("uint16", "uint32", "uint32", "uint32"), RATE_DATA)


class Tour:
    """Makes calls, insists that they succeed, and keeps a running hash of everything that came out."""

    def __init__(self, revision: str) -> None:
        self.market = market = crowded(revision)
        self.chain = market.chain
        self.isolation = market.chain.revision.isolation_mode
        self.admin, self.pool, self.configurator = market.admin, market.pool.address, market.configurator.address
        self.visited: set[str] = set()
        self._hash = hashlib.sha256()
        self.weth, self.usdc, self.dai, self.wbtc = (market.asset(s) for s in ("WETH", "USDC", "DAI", "WBTC"))

    def go(self, to: Address, signature: str, sender: Address, *arguments: Any, value: int = 0) -> Receipt:
        """One transaction, in raw calldata. It must succeed."""
        contract = self.chain.at(to)
        data = contract.find(selector_of(signature)).calldata(arguments)
        receipt = self.chain.transact(sender, to, data, value)
        assert receipt.ok, receipt
        self.visited.add(f"{contract.KIND}.{signature}")
        self._hash.update(receipt.return_data)
        for log in receipt.logs:
            self._hash.update(log.address.encode() + b"".join(log.topics) + log.data)
        return receipt

    def digest(self) -> str:
        """What the state and everything that came out of the calls hash to."""
        return f"{self.chain.digest()[:32]}{self._hash.hexdigest()[:32]}"


def whole_tour(revision: str) -> Tour:
    """Every stop, in order."""
    tour = Tour(revision)
    for stop in (roles, registry, listing, settings, e_modes, isolation, lending, positions, signatures, flash_loans):
        stop(tour)
    for stop in (liquidations, scaled_tokens, test_tokens, wrapped_ether, prices, pool_for_the_configurator, upgrades):
        stop(tour)
    for stop in (unlisting, farewell):
        stop(tour)
    return tour


def roles(tour: Tour) -> None:
    """Grant and revoke every role."""
    acl, admin = tour.market.acl_manager.address, tour.admin
    for name in ("PoolAdmin", "EmergencyAdmin", "RiskAdmin", "FlashBorrower", "Bridge", "AssetListingAdmin"):
        tour.go(acl, f"add{name}(address)", admin, DAVE)
        tour.go(acl, f"remove{name}(address)", admin, DAVE)
    tour.go(acl, "setRoleAdmin(bytes32,bytes32)", admin, BRIDGE_ROLE, RISK_ADMIN_ROLE)
    tour.go(acl, "grantRole(bytes32,address)", admin, RISK_ADMIN_ROLE, CAROL)
    tour.go(acl, "grantRole(bytes32,address)", CAROL, BRIDGE_ROLE, DAVE)
    tour.go(acl, "renounceRole(bytes32,address)", DAVE, BRIDGE_ROLE, DAVE)
    tour.go(acl, "revokeRole(bytes32,address)", admin, RISK_ADMIN_ROLE, CAROL)


def registry(tour: Tour) -> None:
    """Every setter of the addresses provider, leaving things as they were."""
    market, admin = tour.market, tour.admin
    provider = market.provider.address
    tour.go(provider, "setMarketId(string)", admin, "Tour é\n")
    tour.go(provider, "setAddress(bytes32,address)", admin, b"ANYTHING".ljust(32, b"\0"), DAVE)
    tour.go(provider, "setPriceOracle(address)", admin, market.oracle.address)
    tour.go(provider, "setACLManager(address)", admin, market.acl_manager.address)
    tour.go(provider, "setACLAdmin(address)", admin, CAROL)
    tour.go(provider, "setPoolDataProvider(address)", admin, market.data_provider.address)
    tour.go(provider, "setPriceOracleSentinel(address)", admin, SENTINEL_AT)
    tour.go(SEQUENCER_AT, "setAnswer(bool,uint256)", admin, False, tour.chain.time - 10_000)
    tour.go(SENTINEL_AT, "setGracePeriod(uint256)", admin, 7_200)
    tour.go(SENTINEL_AT, "setSequencerOracle(address)", admin, SEQUENCER_AT)
    another = named_address("another pool")
    construct("PoolInstance", tour.chain, another, [provider, market.rate_strategy.address])
    tour.go(provider, "setAddressAsProxy(bytes32,address)", admin, b"ANOTHER POOL".ljust(32, b"\0"), another)


def listing(tour: Tour) -> None:
    """List one more asset and give it everything it needs."""
    chain, admin = tour.chain, tour.admin
    construct("TestnetERC20", chain, named_address("NEW"), ["New", "NEW", 12, admin])
    construct("MockAggregator", chain, named_address("NEW feed"), [3 * DOLLAR])
    token = chain.at(tour.market.a_token("WETH").address)
    debt = chain.at(tour.market.debt_token("WETH").address)
    names = ("Aave New", "aNEW", "Debt New", "debtNEW")
    new = (token.implementation, debt.implementation, named_address("NEW"), *names, b"params", ENCODED_RATES)
    types = "(address,address,address,string,string,string,string,bytes,bytes)[]"
    tour.go(tour.configurator, f"initReserves({types})", admin, [new])
    oracle = tour.market.oracle.address
    tour.go(oracle, "setAssetSources(address[],address[])", admin, [named_address("NEW")], [named_address("NEW feed")])
    tour.go(oracle, "setFallbackOracle(address)", admin, FALLBACK_AT)


def settings(tour: Tour) -> None:
    """Every setting of a single reserve."""
    configurator, admin, new, dai = tour.configurator, tour.admin, named_address("NEW"), tour.dai
    tour.go(configurator, "setReserveBorrowing(address,bool)", admin, new, True)
    tour.go(configurator, "setReserveFlashLoaning(address,bool)", admin, new, True)
    tour.go(configurator, "setReserveActive(address,bool)", admin, new, False)
    tour.go(configurator, "setReserveActive(address,bool)", admin, new, True)
    rates = (new, encode_values(("uint16", "uint32", "uint32", "uint32"), (5_000, 0, 1, 2)))
    tour.go(configurator, "setReserveInterestRateData(address,bytes)", admin, *rates)
    tour.go(
        configurator, "configureReserveAsCollateral(address,uint256,uint256,uint256)", admin, new, 5000, 6000, 10800
    )
    tour.go(configurator, "setReserveFactor(address,uint256)", admin, dai, 2_000)
    tour.go(configurator, "setBorrowCap(address,uint256)", admin, dai, 10**9)
    tour.go(configurator, "setSupplyCap(address,uint256)", admin, dai, 10**9)
    tour.go(configurator, "setLiquidationProtocolFee(address,uint256)", admin, dai, 500)
    tour.go(configurator, "updateFlashloanPremium(uint128)", admin, 9)
    tour.go(configurator, "setReservePause(address,bool)", admin, dai, True)
    tour.go(configurator, "setReservePause(address,bool,uint40)", admin, dai, False, 600)
    tour.go(configurator, "disableLiquidationGracePeriod(address)", admin, dai)
    tour.go(configurator, "setPoolPause(bool)", admin, True)
    tour.go(configurator, "setPoolPause(bool,uint40)", admin, False, 60)
    tour.chain.advance(61)
    tour.go(configurator, "setReserveFreeze(address,bool)", admin, new, True)
    tour.go(configurator, "setReserveFreeze(address,bool)", admin, new, False)
    tour.go(configurator, "setReserveLtvzero(address,bool)", admin, new, False)


def e_modes(tour: Tour) -> None:
    """Define a category and fill it."""
    configurator, admin, new = tour.configurator, tour.admin, named_address("NEW")
    parameters = (2, 9_000, 9_200, 10_200, "Tour")
    if tour.isolation:
        tour.go(configurator, "setEModeCategory(uint8,uint16,uint16,uint16,string)", admin, *parameters)
    else:
        tour.go(configurator, "setEModeCategory(uint8,uint16,uint16,uint16,string,bool)", admin, *parameters, True)
        tour.go(configurator, "setEModeCategoryIsolated(uint8,bool)", admin, 2, False)
    tour.go(configurator, "setAssetCollateralInEMode(address,uint8,bool)", admin, new, 2, True)
    tour.go(configurator, "setAssetBorrowableInEMode(address,uint8,bool)", admin, tour.weth, 2, True)
    tour.go(configurator, "setAssetLtvzeroInEMode(address,uint8,bool)", admin, new, 2, True)
    tour.go(configurator, "setAssetLtvzeroInEMode(address,uint8,bool)", admin, new, 2, False)


def isolation(tour: Tour) -> None:
    """Debt ceilings and siloed borrowing, where there are any."""
    if not tour.isolation:
        return
    configurator, admin, new = tour.configurator, tour.admin, named_address("NEW")
    tour.go(configurator, "setDebtCeiling(address,uint256)", admin, new, 10**7)
    tour.go(tour.pool, "configureEModeCategory(uint8,(uint16,uint16,uint16,string))", configurator, 3, (1, 2, 3, "x"))
    tour.go(configurator, "setSiloedBorrowing(address,bool)", admin, new, True)
    tour.go(configurator, "setSiloedBorrowing(address,bool)", admin, new, False)
    tour.go(configurator, "setBorrowableInIsolation(address,bool)", admin, tour.usdc, True)


def lending(tour: Tour) -> None:
    """Supply, borrow, repay and withdraw."""
    pool = tour.pool
    tour.go(pool, "supply(address,uint256,address,uint16)", DAVE, tour.weth, 50 * WETH, DAVE, 7)
    tour.go(pool, "deposit(address,uint256,address,uint16)", DAVE, tour.usdc, 1_000 * USDC, DAVE, 0)
    tour.go(pool, "borrow(address,uint256,uint256,uint16,address)", DAVE, tour.usdc, 5_000 * USDC, 2, 0, DAVE)
    tour.chain.advance(7 * 86_400, 50_000)
    tour.go(pool, "repay(address,uint256,uint256,address)", DAVE, tour.usdc, 100 * USDC, 2, DAVE)
    tour.go(pool, "repayWithATokens(address,uint256,uint256)", DAVE, tour.usdc, 200 * USDC, 2)
    tour.go(pool, "withdraw(address,uint256,address)", DAVE, tour.weth, WETH, BOB)
    tour.go(pool, "mintToTreasury(address[])", CAROL, [tour.usdc, tour.weth, ZERO_ADDRESS])
    supply = tour.chain.at(pool).find(selector_of("supply(address,uint256,address,uint16)"))
    tour.go(pool, "multicall(bytes[])", DAVE, [supply.calldata([tour.weth, n, DAVE, 0]) for n in (5, 6)])


def positions(tour: Tour) -> None:
    """Collateral flags and e-mode, by oneself and by a manager."""
    pool = tour.pool
    tour.go(pool, "setUserUseReserveAsCollateral(address,bool)", DAVE, tour.usdc, False)
    tour.go(pool, "approvePositionManager(address,bool)", DAVE, BOB, True)
    on_behalf = "setUserUseReserveAsCollateralOnBehalfOf(address,bool,address)"
    tour.go(pool, on_behalf, BOB, tour.usdc, True, DAVE)
    tour.go(pool, "setUserEMode(uint8)", BOB, 1)
    tour.go(pool, "approvePositionManager(address,bool)", BOB, DAVE, True)
    tour.go(pool, "setUserEModeOnBehalfOf(uint8,address)", DAVE, 0, BOB)
    tour.go(pool, "renouncePositionManagerRole(address)", DAVE, BOB)


def signatures(tour: Tour) -> None:
    """Permits of all three tokens, and delegation."""
    market, pool, admin, wallet = tour.market, tour.pool, tour.admin, WALLET.address
    usdc = market.erc20("USDC")
    tour.go(usdc.address, "mint(address,uint256)", admin, wallet, 10**12)
    permit = WALLET.permit("USDC", usdc.address, pool, 10**9, 0, FOREVER)
    supply = "supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)"
    tour.go(pool, supply, wallet, tour.usdc, 10**9, wallet, 0, FOREVER, *permit)
    tour.go(pool, "borrow(address,uint256,uint256,uint16,address)", wallet, tour.dai, WETH, 2, 0, wallet)
    tour.go(market.erc20("DAI").address, "mint(address,uint256)", admin, wallet, WETH)
    permit = WALLET.permit("DAI", tour.dai, pool, WETH // 2, 0, FOREVER)
    repay = "repayWithPermit(address,uint256,uint256,address,uint256,uint8,bytes32,bytes32)"
    tour.go(pool, repay, wallet, tour.dai, WETH // 2, 2, wallet, FOREVER, *permit)
    plain = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    permit = WALLET.permit("USDC", usdc.address, CAROL, 5, 1, FOREVER)
    tour.go(usdc.address, plain, DAVE, wallet, CAROL, 5, FOREVER, *permit)
    a_token = market.a_token("USDC").address
    permit = WALLET.permit("Aave USDC", a_token, CAROL, 5, 0, FOREVER)
    tour.go(a_token, plain, DAVE, wallet, CAROL, 5, FOREVER, *permit)
    debt = market.debt_token("DAI").address
    delegation = WALLET.delegation("Aave Variable Debt DAI", debt, DAVE, WETH, 0, FOREVER)
    by_signature = "delegationWithSig(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    tour.go(debt, by_signature, CAROL, wallet, DAVE, WETH, FOREVER, *delegation)
    tour.go(pool, "borrow(address,uint256,uint256,uint16,address)", DAVE, tour.dai, WETH // 10, 2, 0, wallet)
    tour.go(debt, "approveDelegation(address,uint256)", DAVE, BOB, 5)
    tour.go(debt, "renounceDelegation(address)", BOB, DAVE)


def flash_loans(tour: Tour) -> None:
    """Repaid ones, one that becomes debt, one without premium."""
    many = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
    amounts = ([tour.weth, tour.usdc], [WETH, 10**6])
    tour.go(tour.pool, many, ALICE, RECEIVER_AT, *amounts, [0, 0], ALICE, b"x", 3)
    tour.go(tour.pool, many, BOB, RECEIVER_AT, [tour.weth], [WETH], [0], BOB, b"", 0)
    tour.go(tour.pool, many, DAVE, RECEIVER_AT, [tour.usdc], [10**6], [2], DAVE, b"", 0)
    tour.go(
        tour.pool, "flashLoanSimple(address,address,uint256,bytes,uint16)", CAROL, RECEIVER_AT, tour.usdc, 10**7, b"", 1
    )


def liquidations(tour: Tour) -> None:
    """One to each payout, one that leaves bad debt, and its cover."""
    market, chain = tour.market, tour.chain
    call = "liquidationCall(address,address,address,uint256,bool)"
    market.set_price("WETH", 1_420 * DOLLAR)
    tour.go(tour.pool, call, BOB, tour.weth, tour.usdc, ALICE, 1_000 * USDC, False)
    tour.go(tour.pool, call, BOB, tour.weth, tour.dai, ALICE, 1_000 * WETH, True)
    chain.advance(10)
    market.set_price("WETH", 100 * DOLLAR)
    tour.go(tour.pool, call, BOB, tour.weth, tour.usdc, ALICE, MAX, False)
    market.set_price("WETH", 2_000 * DOLLAR)
    umbrella, usdc = market.umbrella, market.erc20("USDC")
    tour.go(tour.pool, "supply(address,uint256,address,uint16)", BOB, tour.usdc, 1_000 * USDC, umbrella, 0)
    assert market.pool.get_reserve_deficit(tour.usdc) > 10**6
    tour.go(tour.pool, "eliminateReserveDeficit(address,uint256)", umbrella, tour.usdc, 10**6)
    assert usdc.supply > 0


def scaled_tokens(tour: Tour) -> None:
    """What users do with aTokens, and what the pool does to both kinds of token."""
    market, pool, admin = tour.market, tour.pool, tour.admin
    a_token, debt = market.a_token("WBTC").address, market.debt_token("WBTC").address
    tour.go(tour.pool, "supply(address,uint256,address,uint16)", BOB, tour.wbtc, 10**9, BOB, 0)
    tour.go(a_token, "transfer(address,uint256)", BOB, ALICE, 100)
    tour.go(a_token, "approve(address,uint256)", BOB, ALICE, 1_000)
    tour.go(a_token, "increaseAllowance(address,uint256)", BOB, ALICE, 10)
    tour.go(a_token, "decreaseAllowance(address,uint256)", BOB, ALICE, 20)
    tour.go(a_token, "transferFrom(address,address,uint256)", ALICE, BOB, CAROL, 50)
    tour.go(a_token, "renounceAllowance(address)", ALICE, BOB)
    market.erc20("DAI").transfer(a_token, 77, sender=BOB)
    tour.go(a_token, "rescueTokens(address,address,uint256)", admin, tour.dai, DAVE, 77)
    tour.go(a_token, "mint(address,address,uint256,uint256)", pool, BOB, BOB, 10, RAY)
    tour.go(a_token, "burn(address,address,uint256,uint256,uint256)", pool, BOB, BOB, 10, 10, RAY)
    tour.go(a_token, "transferOnLiquidation(address,address,uint256,uint256,uint256)", pool, BOB, ALICE, 5, 5, RAY)
    tour.go(debt, "mint(address,address,uint256,uint256,uint256)", pool, DAVE, DAVE, 10, 10, RAY)
    tour.go(debt, "burn(address,uint256,uint256)", pool, DAVE, 10, RAY)
    tour.go(a_token, "mintToTreasury(uint256,uint256)", pool, 3, RAY)
    tour.go(a_token, "transferUnderlyingTo(address,uint256)", pool, BOB, 3)


def test_tokens(tour: Tour) -> None:
    """The underlying test token."""
    market, admin = tour.market, tour.admin
    token = market.erc20("WBTC").address
    tour.go(token, "mint(uint256)", admin, 1_000)
    tour.go(token, "transfer(address,uint256)", admin, BOB, 10)
    tour.go(token, "approve(address,uint256)", BOB, CAROL, 10)
    tour.go(token, "transferFrom(address,address,uint256)", CAROL, BOB, DAVE, 5)
    if tour.isolation:
        tour.go(token, "increaseAllowance(address,uint256)", BOB, CAROL, 10)
        tour.go(token, "decreaseAllowance(address,uint256)", BOB, CAROL, 1)
    tour.go(token, "transfer(address,uint256)", BOB, tour.pool, 9)
    tour.go(tour.pool, "rescueTokens(address,address,uint256)", admin, token, CAROL, 9)


def wrapped_ether(tour: Tour) -> None:
    """Wrap, send, unwrap."""
    tour.go(WETH9_AT, "deposit()", ALICE, value=10**18)
    assert tour.chain.transact(ALICE, WETH9_AT, b"", value=5).ok
    tour.go(WETH9_AT, "transfer(address,uint256)", ALICE, BOB, 10)
    tour.go(WETH9_AT, "approve(address,uint256)", ALICE, BOB, 10)
    tour.go(WETH9_AT, "transferFrom(address,address,uint256)", BOB, ALICE, CAROL, 10)
    tour.go(WETH9_AT, "withdraw(uint256)", CAROL, 7)


def prices(tour: Tour) -> None:
    """The fallback oracle answers where a feed does not."""
    tour.go(FALLBACK_AT, "setAssetPrice(address,uint256)", DAVE, tour.dai, 99_000_000)
    tour.go(FALLBACK_AT, "setEthUsdPrice(uint256)", DAVE, 5)
    tour.market.set_price("DAI", 0)
    assert tour.market.oracle.get_asset_price(tour.dai) == 99_000_000
    tour.market.set_price("DAI", DOLLAR)


def pool_for_the_configurator(tour: Tour) -> None:
    """What only the configurator may call, and what only tokens may."""
    pool, configurator, new = tour.pool, tour.configurator, named_address("NEW")
    configuration = tour.market.pool.get_configuration(tour.dai)
    tour.go(pool, "setConfiguration(address,(uint256))", configurator, tour.dai, configuration)
    tour.go(pool, "syncIndexesState(address)", configurator, tour.dai)
    tour.go(pool, "syncRatesState(address)", configurator, tour.dai)
    tour.go(pool, "setLiquidationGracePeriod(address,uint40)", configurator, new, 5)
    tour.go(pool, "updateFlashloanPremium(uint128)", configurator, 5)
    for name in ("Collateral", "Borrowable", "Ltvzero"):
        tour.go(pool, f"configureEModeCategory{name}Bitmap(uint8,uint128)", configurator, 9, 5)
    if tour.isolation:
        tour.go(configurator, "setDebtCeiling(address,uint256)", tour.admin, new, 0)
        tour.go(pool, "resetIsolationModeTotalDebt(address)", configurator, new)
    else:
        tour.go(
            pool,
            "configureEModeCategory(uint8,(uint16,uint16,uint16,bool,string))",
            configurator,
            3,
            (1, 2, 3, True, "x"),
        )
        tour.go(pool, "configureEModeCategoryIsolated(uint8,bool)", configurator, 3, False)
    a_token = tour.market.a_token("DAI").address
    tour.go(pool, "finalizeTransfer(address,address,address,uint256,uint256)", a_token, tour.dai, DAVE, ALICE, 0, 0)
    strategy = tour.market.rate_strategy.address
    tour.go(strategy, "setInterestRateParams(address,bytes)", configurator, new, ENCODED_RATES)
    struct = "setInterestRateParams(address,(uint16,uint32,uint32,uint32))"
    tour.go(strategy, struct, configurator, new, RATE_DATA)
    construct("TestnetERC20", tour.chain, named_address("BARE"), ["Bare", "BARE", 18, tour.admin])
    tokens = (named_address("bare aToken"), named_address("bare debt"))
    tour.go(pool, "initReserve(address,address,address)", configurator, named_address("BARE"), *tokens)


def upgrades(tour: Tour) -> None:
    """New code behind both tokens, the pool and the configurator."""
    market, chain, admin, pool = tour.market, tour.chain, tour.admin, tour.pool
    old = market.a_token("USDC")
    zero, treasury = ZERO_ADDRESS, old.treasury
    new_a_token, new_debt = named_address("new aToken"), named_address("new debt token")
    chain.deploy(
        lambda chain, at: AToken(chain, at, pool=pool, rewards_controller=zero, treasury=treasury, code_revision=99),
        new_a_token,
    )
    chain.deploy(
        lambda chain, at: VariableDebtToken(chain, at, pool=pool, rewards_controller=zero, code_revision=99), new_debt
    )
    update = "((address,string,string,address,bytes))"
    tour.go(tour.configurator, f"updateAToken{update}", admin, (tour.usdc, "New", "aNew", new_a_token, b""))
    tour.go(tour.configurator, f"updateVariableDebtToken{update}", admin, (tour.usdc, "New", "dNew", new_debt, b""))
    fresh_pool, fresh_configurator = named_address("fresh pool"), named_address("fresh configurator")
    provider = market.provider.address
    market.pool.code_revision = 1  # as if the present code were older, so that the same code can follow it
    market.pool.last_initialized_revision = 1
    market.configurator.last_initialized_revision = 1
    construct("PoolInstance", chain, fresh_pool, [provider, market.rate_strategy.address])
    construct("PoolConfiguratorInstance", chain, fresh_configurator, [])
    tour.go(provider, "setPoolImpl(address)", admin, fresh_pool)
    tour.go(provider, "setPoolConfiguratorImpl(address)", admin, fresh_configurator)


def unlisting(tour: Tour) -> None:
    """Drop reserves that nobody uses, where that is possible."""
    if tour.isolation:
        tour.go(tour.configurator, "dropReserve(address)", tour.admin, named_address("NEW"))
        listing_again(tour)
        tour.go(tour.pool, "dropReserve(address)", tour.configurator, named_address("NEW"))


def listing_again(tour: Tour) -> None:
    """The gap that a dropped reserve left is filled."""
    reserve_id = next(i for i in range(9) if tour.market.pool.reserves_list[i] == ZERO_ADDRESS)
    listing_of_new = tour.market.a_token("WETH"), tour.market.debt_token("WETH")
    implementations = [token.implementation for token in listing_of_new]
    new = (*implementations, named_address("NEW"), "n", "s", "dn", "ds", b"", ENCODED_RATES)
    tour.market.configurator.init_reserves([new], sender=tour.admin)
    assert tour.market.pool.reserves[named_address("NEW")].id == reserve_id


def farewell(tour: Tour) -> None:
    """Hand over and give up every ownership."""
    acl = tour.market.acl_manager.address
    for owned in (tour.market.provider.address, tour.market.erc20("WBTC").address, SEQUENCER_AT):
        tour.go(owned, "transferOwnership(address)", tour.admin, DAVE)
        tour.go(owned, "renounceOwnership()", DAVE)
    tour.go(acl, "renounceRole(bytes32,address)", tour.admin, DEFAULT_ADMIN_ROLE, tour.admin)


if __name__ == "__main__":
    print(whole_tour(sys.argv[1]).digest())
