"""Differences that lockstep with the real contracts found, each as the shortest calls that show it."""

import pytest
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.proxy import upgrade_and_call
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import (
    CallerNotAssetListingOrPoolAdmin,
    CallerNotPoolConfigurator,
    EmptyRevert,
    ErrorString,
    FailedCall,
    InconsistentParamsLength,
    InvalidDecimals,
    NotModelledError,
    Panic,
    SafeCastOverflowedUintDowncast,
    selector_of,
)
from pooltwin.protocol.events import AssetSourceUpdated
from pooltwin.protocol.machine.abi import split_types
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import revision_named

from .worlds import ALICE, ALL_REVISIONS, BOB, FROM_V3_2, WETH, ZERO, fresh

WITH_MULTICALL = [
    name
    for name in ALL_REVISIONS
    if selector_of("multicall(bytes[])") in revision_named(name).contracts["PoolInstance"].functions
]


def soiled(data: bytes, account: str) -> bytes:
    """Calldata with a bit set above the first mention of an address."""
    dirty = bytearray(data)
    dirty[data.index(bytes.fromhex(account[2:])) - 12] = 0x80
    return bytes(dirty)


def flash_loan(market: Market, receiver: str) -> bytes:
    signature = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
    function = next(f for f in market.pool.functions.values() if f.signature == signature)
    return function.calldata([receiver, [market.asset("WETH")], [1000], [0], ALICE, b"", 0])


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_flash_loans_ignore_what_is_above_an_asset_s_address(revision):
    """The pool copies the array of assets to memory without a look at it."""
    market = fresh(revision)
    market.erc20("WETH").mint(ALICE, WETH, sender=market.admin)
    market.erc20("WETH").approve(market.pool.address, WETH, sender=ALICE)
    market.pool.supply(market.asset("WETH"), WETH // 2, ALICE, sender=ALICE)
    receiver = market.flash_loan_receiver("receiver", lambda *_: True)
    market.erc20("WETH").mint(receiver, WETH, sender=market.admin)
    market.erc20("WETH").approve(market.pool.address, WETH, sender=receiver)
    data = flash_loan(market, receiver)
    answers = []
    for calldata in (data, soiled(data, market.asset("WETH"))):
        chain = market.fork().chain
        receipt = chain.transact(ALICE, market.pool.address, calldata)
        answers.append((receipt.ok, receipt.return_data, [(log.topics, log.address) for log in receipt.logs]))
    assert answers[0] == answers[1]
    assert answers[0][0]


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_oracle_compares_lengths_before_it_reads_addresses(revision):
    market = fresh(revision)
    function = market.oracle.find(bytes.fromhex("abfd5310"))
    data = function.calldata([[market.asset("WETH")], []])
    receipt = market.chain.transact(market.admin, market.oracle.address, soiled(data, market.asset("WETH")))
    assert isinstance(receipt.revert, InconsistentParamsLength)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_oracle_takes_addresses_with_anything_above_them(revision):
    """It copies both arrays to memory without a look at them, and uses and shows what is an address in them."""
    market = fresh(revision)
    weth, feed = market.asset("WETH"), market.price_feed("USDC").address
    data = market.oracle.find(bytes.fromhex("abfd5310")).calldata([[weth], [feed]])
    for calldata in (soiled(data, weth), soiled(data, feed), soiled(soiled(data, weth), feed)):
        chain = market.fork().chain
        receipt = chain.transact(market.admin, market.oracle.address, calldata)
        assert receipt.events == [AssetSourceUpdated(weth, feed)]
        assert chain.at(market.oracle.address).get_source_of_asset(weth) == feed
        assert isinstance(
            chain.transact(ALICE, market.oracle.address, calldata).revert, CallerNotAssetListingOrPoolAdmin
        )


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_every_address_is_looked_at_before_the_treasury_gets_anything(revision):
    """The list is encoded for a library: one dirty address anywhere, and no reserve gets as far as failing."""
    market = fresh(revision)
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    function = next(f for f in pool.functions.values() if f.signature == "mintToTreasury(address[])")
    clean = function.calldata([[weth, usdc]])
    for _ in range(2):  # until v3.3 a balance has room for the first
        pool.reserves[weth].accrued_to_treasury = 2**128 - 1
        receipt = market.chain.transact(ALICE, pool.address, clean)
    assert isinstance(receipt.revert, SafeCastOverflowedUintDowncast | Panic)
    for account in (weth, usdc):
        dirty = market.chain.transact(ALICE, pool.address, soiled(clean, account))
        assert type(dirty.revert) is EmptyRevert


def test_v3_0_2_reads_the_same_lists_in_the_same_ways():
    contracts = revision_named("3.0.2").contracts
    sources = next(f for f in contracts["AaveOracle"].functions.values() if f.name == "setAssetSources")
    assert sources.decode(soiled(sources.calldata([[ALICE], [BOB]]), BOB)[4:]) == [[ALICE], [BOB]]
    mint = next(f for f in contracts["PoolInstance"].functions.values() if f.name == "mintToTreasury")
    assert mint.decode(mint.calldata([[ALICE, BOB]])[4:]) == [[ALICE, BOB]]
    with pytest.raises(EmptyRevert, match="dirty address"):
        mint.decode(soiled(mint.calldata([[ALICE, BOB]]), BOB)[4:])


@pytest.mark.parametrize("kind", ["initReserves", "updateAToken", "updateVariableDebtToken", "updateStableDebtToken"])
def test_v3_0_2_takes_text_that_ends_too_early(kind):
    """Its compiler compares the length with what follows the struct's beginning. What is missing is zero."""
    functions = revision_named("3.0.2").contracts["PoolConfiguratorInstance"].functions.values()
    function = next(f for f in functions if f.name == kind)
    member = tuple({"address": ALICE, "uint8": 6, "string": "t", "bytes": b"1234"}[k] for k in members_of(function))
    listing = kind == "initReserves"
    data = function.calldata([[member] if listing else member])
    (whole,), (cut,) = function.decode(data[4:]), function.decode(data[4:-30])
    assert (whole[0] if listing else whole).params == b"1234"
    assert (cut[0] if listing else cut).params == b"12\0\0"
    too_long = data[:-64] + (10_000).to_bytes(32, "big") + data[-32:]
    (wrong,) = function.decode(too_long[4:])
    with pytest.raises(EmptyRevert, match="length"):
        _ = (wrong[0] if listing else wrong).params


@pytest.mark.parametrize("nearer", [0, 10_000])
def test_a_listing_as_far_back_as_can_be_has_no_text(nearer):
    """Before the calldata all words are zero, but from the end of numbers on no text is found there."""
    functions = revision_named("3.0.2").contracts["PoolConfiguratorInstance"].functions.values()
    function = next(f for f in functions if f.name == "initReserves")
    words = (32, 1, 2**255 + nearer, *[0] * 20)
    (listings,) = function.decode(b"".join(word.to_bytes(32, "big") for word in words))
    assert listings[0].underlying_asset_decimals == 0
    if nearer:
        assert listings[0].a_token_name == ""
        return
    with pytest.raises(EmptyRevert, match="offset"):
        _ = listings[0].a_token_name


def members_of(function):
    return split_types(function.kinds[0].removesuffix("[]"))


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_no_token_is_made_of_a_token(revision):
    """A proxy behind a proxy calls itself: that is noticed before the other implementation is none."""
    market = fresh(revision)
    token = construct("TestnetERC20", market.chain, named_address("token"), ["T", "T", 6, market.admin])
    function = next(f for f in market.configurator.functions.values() if f.name == "initReserves")
    answers = []
    for a_token in (market.a_token("WETH").implementation, market.a_token("WETH").address):
        if market.chain.revision.strategies_per_reserve:
            member = [a_token, BOB, True, ALICE, token.address, ALICE, ALICE, *"abcd", b"", b"x"]
        else:
            member = [a_token, BOB, token.address, *"abcd", b"", b"x"]
        data = function.calldata([[tuple(member)]])
        answers.append(type(market.chain.transact(market.admin, market.configurator.address, data).revert))
    assert answers == [ErrorString, EmptyRevert]


def test_a_proxy_behind_a_proxy_is_refused_or_not_modelled():
    market = fresh("3.7")
    pool, provider = market.pool, market.provider.address
    upgrade_to = selector_of("upgradeTo(address)") + bytes(12) + bytes.fromhex(pool.address[2:])
    with pytest.raises(NotModelledError, match="behind a proxy"):
        market.chain.transact(provider, pool.address, upgrade_to)
    with pytest.raises(EmptyRevert, match="calls itself"):
        market.provider.set_pool_impl(market.a_token("WETH").address, sender=market.admin)
    with pytest.raises(NotModelledError, match="behind a proxy"):
        upgrade_and_call(pool, market.configurator.address, provider, selector_of("admin()"))


@pytest.mark.parametrize("revision", ["3.2", "3.3"])
def test_a_market_s_own_token_is_no_rate_strategy(revision):
    market = fresh(revision)
    strategy = market.a_token("USDC").address
    with pytest.raises(ErrorString, match="Cannot call fallback function from the proxy admin"):
        market.configurator.set_reserve_interest_rate_strategy_address(
            market.asset("WETH"), strategy, b"", sender=market.admin
        )


@pytest.mark.parametrize("revision", WITH_MULTICALL)
@pytest.mark.parametrize(
    ("offset", "answer"),
    [
        (0xDE << 248 | 32, FailedCall),  # negative, far before the calldata: an empty call, which nobody answers
        (2**256 - 1, EmptyRevert),  # one byte back: a length of 256 bytes and more
        (2**256 - 64 - 4, EmptyRevert),  # the function's selector as a length
        (2**255 - 1, EmptyRevert),
        (64, EmptyRevert),
    ],
)
def test_an_inner_call_s_offset_is_a_signed_number(revision, offset, answer):
    market = fresh(revision)
    words = (32, 1, offset, 0)
    data = bytes.fromhex("ac9650d8") + b"".join(word.to_bytes(32, "big") for word in words)
    assert isinstance(market.chain.transact(ALICE, market.pool.address, data).revert, answer)


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_listings_are_copied_for_a_library_or_read_bit_by_bit(revision):
    """A listing cut short: until v3.6 that is noticed before its token turns out to have too few decimals."""
    market = fresh(revision)
    token = construct("TestnetERC20", market.chain, named_address("token"), ["T", "T", 3, market.admin])
    function = next(f for f in market.configurator.functions.values() if f.name == "initReserves")
    implementation = market.pool.address
    if market.chain.revision.strategies_per_reserve:
        member = [implementation, implementation, True, ALICE, token.address, ALICE, ALICE, *"abcd", b"", b"x"]
    else:
        member = [implementation, implementation, token.address, *"abcd", b"", b"x"]
    data = function.calldata([[tuple(member)]])
    answers = []
    for calldata in (data, data[:-32]):
        receipt = market.chain.transact(market.admin, market.configurator.address, calldata)
        answers.append(type(receipt.revert))
    noticed = EmptyRevert if market.chain.revision.copies_listings else InvalidDecimals
    assert answers == [InvalidDecimals, noticed]


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_the_virtual_balance_flag_is_only_read_where_it_matters(revision):
    """From v3.4 on nothing looks at it, so it may hold anything."""
    market = fresh(revision)
    strategy = market.rate_strategy
    function = next(f for f in strategy.functions.values() if f.name == "calculateInterestRates")
    data = bytearray(function.calldata([(0, 0, 0, 5, 0, market.asset("WETH"), True, 5)]))
    data[4 + 6 * 32 + 31] = 0xE5
    receipt = market.chain.transact(ALICE, strategy.address, bytes(data))
    assert receipt.ok is not market.chain.revision.virtual_balance_optional


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@pytest.mark.parametrize(("kind", "answer"), [("AlwaysTrueReceiver", None), ("AlwaysFalseReceiver", "refused")])
def test_a_contract_that_answers_anything_can_be_rescued_as_a_token(revision, kind, answer):
    market = fresh(revision)
    contract = construct(kind, market.chain, named_address(kind), [])
    function = next(f for f in market.pool.functions.values() if f.name == "rescueTokens")
    data = function.calldata([contract.address, ALICE, 10])
    receipt = market.chain.transact(market.admin, market.pool.address, data)
    assert (
        receipt.revert is None if answer is None else str(receipt.revert).startswith("Error('GPv2: failed transfer')")
    )


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_market_s_own_atoken_cannot_be_listed(revision):
    """The configurator is the admin of its proxy, and an admin gets no answer from behind a proxy."""
    market = fresh(revision)
    with pytest.raises(ErrorString, match="Cannot call fallback function from the proxy admin"):
        market.configurator.decimals_of(market.a_token("WETH").address)
    assert market.configurator.decimals_of(market.asset("WETH")) == 18


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_category_cut_short_is_noticed_first_where_it_is_copied(revision):
    """v3.2 copies the category to memory before it asks who calls; later pools look at it afterwards."""
    market = fresh(revision)
    function = next(f for f in market.pool.functions.values() if f.name == "configureEModeCategory")
    between = [False] if market.chain.revision.isolated_e_modes else []
    between += [ZERO] if market.chain.revision.e_modes_have_prices else []
    data = function.calldata([4, (9000, 9300, 10_200, *between, "cut short")])
    answers = [market.chain.transact(ALICE, market.pool.address, cut).revert for cut in (data, data[:-64])]
    assert isinstance(answers[0], CallerNotPoolConfigurator)
    assert type(answers[1]) is (EmptyRevert if revision in ("3.0.2", "3.2") else CallerNotPoolConfigurator)
