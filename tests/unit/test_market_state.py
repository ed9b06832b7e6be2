"""States of markets: checked as a whole, loaded as they are, with what is left out derived from the rest."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol import EmptyRevert, InexpressibleError, StateError, StateWarning, check_state
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.revisions import revision_named

from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, DAVE, DOLLAR, FROM_V3_2, RAY, USDC, WBTC, WETH, config, lived_in

NOW = 1_780_000_000
WETH_INDEX, USDC_INDEX, USDC_DEBT_INDEX = 1041885985565761542208902705, RAY + 10**25, 1066257934226955425877190444


def with_state(revision, accounts=None, reserves=None, **more):
    """The small market with a state, read from data as a file has it."""
    state = {"time": NOW, "number": 9, "accounts": accounts or {}, "reserves": reserves or {}, **more}
    return MarketConfig.model_validate(config(revision).model_dump() | {"state": state})


def faults(configuration):
    """What is wrong with a state, as `check_state` and a deployment say alike."""
    with pytest.raises(StateError) as caught:
        check_state(configuration)
    with pytest.raises(StateError) as by_deployment:
        Market.deploy(configuration)
    assert by_deployment.value.faults == caught.value.faults
    return list(caught.value.faults)


INDEXES = {
    "WETH": {"liquidity_index": WETH_INDEX},
    "USDC": {"liquidity_index": USDC_INDEX, "variable_borrow_index": USDC_DEBT_INDEX},
}
LENDER = {"reserves": {"USDC": {"scaled_supply": 10**13}}}


# --- what is loaded ---------------------------------------------------------------------------------------------------


@given(st.data())
@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_an_account_has_exactly_what_the_state_says(revision, data):
    """Collateral, debt and health by hand, from shares, indexes and prices, wherever the health factor lies."""
    release = revision_named(revision)
    shares, debt = data.draw(st.integers(1, 10**22)), data.draw(st.integers(1, 10**11))
    price = data.draw(st.integers(1, 10**13))
    alice = {"WETH": {"scaled_supply": shares, "collateral": True}, "USDC": {"scaled_variable_debt": debt}}
    reserves = {**INDEXES, "WETH": {"liquidity_index": WETH_INDEX, "price": price}}
    market = Market.deploy(with_state(revision, {ALICE: {"reserves": alice}, BOB: LENDER}, reserves))
    supplied = release.a_token_balance(shares, WETH_INDEX)
    owed = release.debt_balance(debt, USDC_DEBT_INDEX)
    assert market.a_token("WETH").balance_of(ALICE) == supplied
    assert market.debt_token("USDC").balance_of(ALICE) == owed
    account = market.pool.get_user_account_data(ALICE)
    collateral = supplied * price // WETH
    assert account.total_collateral_base == collateral
    half_up = (collateral * 8_250 + 5_000) // 10_000
    assert account.total_debt_base - owed * DOLLAR // USDC in (0, 1)
    health = account.health_factor * account.total_debt_base // WETH
    assert abs(health - half_up) <= max(1, account.total_debt_base // WETH + 1)
    assert (market.chain.time, market.chain.number) == (NOW, 9)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_next_calls_are_ordinary(revision):
    """An unhealthy account is liquidated, a lender withdraws, everything as if it had come about by calls."""
    bob = {"WETH": {"scaled_supply": WETH, "collateral": True}, "USDC": {"scaled_variable_debt": 1_750 * USDC}}
    accounts = {BOB: {"reserves": bob}, ALICE: LENDER, CAROL: {"reserves": {"USDC": {"tokens": 10**10}}}}
    market = Market.deploy(with_state(revision, accounts, INDEXES))
    pool, usdc, weth = market.pool, market.asset("USDC"), market.asset("WETH")
    assert 0 < pool.get_user_account_data(BOB).health_factor < WETH
    market.erc20("USDC").approve(pool.address, 10**12, sender=CAROL)
    pool.liquidation_call(weth, usdc, BOB, 500 * USDC, False, sender=CAROL)
    assert market.erc20("WETH").balance_of(CAROL) > 0
    before = market.erc20("USDC").balance_of(ALICE)
    pool.withdraw(usdc, 10**12, ALICE, sender=ALICE)
    assert market.erc20("USDC").balance_of(ALICE) - before == 10**12


def test_integers_may_be_decimal_strings_and_addresses_have_checksums():
    checksummed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    accounts = {checksummed: {"reserves": {"USDC": {"scaled_supply": str(10**30)}}}}
    market = Market.deploy(with_state("3.7", accounts))
    assert market.a_token("USDC").balance_of(checksummed.lower()) == 10**30
    with pytest.raises(ValueError, match="checksum"):
        with_state("3.7", {checksummed[:-1] + "D": {}})
    with pytest.raises(ValueError, match="twice"):
        with_state("3.7", {checksummed: {}, checksummed.lower(): {}})


def test_a_market_begins_at_the_time_of_its_state_or_later():
    configuration = with_state("3.7", {ALICE: LENDER})
    assert Market.deploy(configuration, time=NOW + 5, number=11).chain.time == NOW + 5
    with pytest.raises(ValueError, match=f"time {NOW - 1} is before that of the state, {NOW}"):
        Market.deploy(configuration, time=NOW - 1)


# --- what is derived --------------------------------------------------------------------------------------------------


def test_liquidity_follows_from_supply_and_debt_and_rates_from_both():
    accounts = {ALICE: LENDER, BOB: {"reserves": {"USDC": {"scaled_variable_debt": 10**12}}}}
    configuration = with_state("3.7", accounts, INDEXES)
    report = check_state(configuration)
    totals = report.of("USDC")
    left = 10**13 * USDC_INDEX // RAY - -(-(10**12) * USDC_DEBT_INDEX // RAY)
    assert totals.slack == 0
    assert totals.underlying_balance == left
    assert (totals.lenders, totals.borrowers, report.accounts) == (1, 1, 2)
    assert [str(derived) for derived in report.derived] == [
        f"USDC: underlying_balance is {left}, what can be claimed and nobody owes"
    ]
    market = Market.deploy(configuration)
    pool, usdc = market.pool, market.asset("USDC")
    assert market.erc20("USDC").balance_of(market.a_token("USDC").address) == left
    assert pool.get_virtual_underlying_balance(usdc) == left
    stored = pool.reserves[usdc].current_liquidity_rate, pool.reserves[usdc].current_variable_borrow_rate
    pool.sync_rates_state(usdc, sender=market.configurator.address)
    assert stored == (pool.reserves[usdc].current_liquidity_rate, pool.reserves[usdc].current_variable_borrow_rate)
    assert min(stored) > 0


def test_given_rates_stay_whatever_the_strategy_would_answer():
    reserves = {"USDC": {"liquidity_rate": 7, "variable_borrow_rate": 8 * 10**25}}
    market = Market.deploy(with_state("3.7", {ALICE: LENDER}, reserves))
    record = market.pool.reserves[market.asset("USDC")]
    assert (record.current_liquidity_rate, record.current_variable_borrow_rate) == (7, 8 * 10**25)


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_each_of_the_two_balances_follows_from_the_other(revision):
    for given_field in ("virtual_underlying_balance", "underlying_balance"):
        market = Market.deploy(with_state(revision, {ALICE: LENDER}, {"USDC": {given_field: 10**13 + 3}}))
        assert market.pool.get_virtual_underlying_balance(market.asset("USDC")) == 10**13 + 3
        assert market.erc20("USDC").balance_of(market.a_token("USDC").address) == 10**13 + 3


def test_what_nobody_is_named_for_goes_to_the_rest_holder():
    """The totals of a real reserve load without its accounts, and its supply follows from debt and liquidity."""
    reserves = {
        "WETH": {
            **INDEXES["WETH"],
            "variable_borrow_index": USDC_DEBT_INDEX,
            "scaled_variable_debt": 1767529389468976791481279,
            "virtual_underlying_balance": 214396456027213216176570,
            "accrued_to_treasury": 52533251751401857173,
        }
    }
    accounts = {ALICE: {"reserves": {"WETH": {"scaled_supply": 10**20, "scaled_variable_debt": 10**18}}}}
    configuration = with_state("3.3", accounts, reserves, rest_holder=DAVE)
    totals = check_state(configuration).of("WETH")
    assert 0 <= totals.slack <= 2
    market = Market.deploy(configuration)
    assert market.debt_token("WETH").scaled_balance_of(DAVE) == 1767529389468976791481279 - 10**18
    assert market.a_token("WETH").total_supply() == totals.supplied
    assert "name a rest_holder for the other" in faults(with_state("3.3", accounts, reserves))[0]
    reserves["WETH"]["scaled_variable_debt"] = 10**18 - 1
    assert faults(with_state("3.3", accounts, reserves, rest_holder=DAVE)) == [
        f"WETH: scaled_variable_debt is {10**18 - 1}, but accounts have {10**18}"
    ]


def test_debt_of_isolated_accounts_counts_against_the_ceiling():
    data = config("3.6").model_dump()
    data["reserves"][0]["debt_ceiling"] = 10**9
    data["reserves"][1]["borrowable_in_isolation"] = True
    alice = {"WETH": {"scaled_supply": WETH, "collateral": True}, "USDC": {"scaled_variable_debt": 123_456_789}}
    data["state"] = {"time": NOW, "accounts": {ALICE: {"reserves": alice}, BOB: LENDER}}
    market = Market.deploy(MarketConfig.model_validate(data))
    assert market.pool.reserves[market.asset("WETH")].isolation_mode_total_debt == 12_345


def test_claims_that_nothing_covers_are_loaded_with_a_warning():
    configuration = with_state("3.7", {ALICE: LENDER}, {"USDC": {"underlying_balance": 10**12}})
    with pytest.warns(StateWarning, match=f"USDC: {9 * 10**12} more can be claimed than is owed"):
        market = Market.deploy(configuration)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert market.config().state.reserves["USDC"].underlying_balance == 10**12


# --- what is refused --------------------------------------------------------------------------------------------------

ONE = {"scaled_supply": 1}
REFUSED = {
    "no such reserve": ("3.7", {ALICE: {"reserves": {"WETHH": ONE}}}, {}, f"{ALICE}: 'WETHH' is no reserve"),
    "no such reserve's figures": ("3.7", {}, {"DOGE": {}}, "reserves: 'DOGE' is no reserve"),
    "no such category": ("3.7", {ALICE: {"e_mode": 7}}, {}, f"{ALICE}: e_mode 7 is no category"),
    "too wide now": (
        "3.7",
        {ALICE: {"reserves": {"WETH": {"scaled_supply": 2**120}}}},
        {},
        f"{ALICE}, WETH: scaled_supply {2**120} does not fit 120 bits",
    ),
    "collateral of nothing": (
        "3.7",
        {ALICE: {"reserves": {"WETH": {"collateral": True}}}},
        {},
        f"{ALICE}, WETH: collateral is set, but it has no supply",
    ),
    "flag of no debt": (
        "3.4",
        {ALICE: {"reserves": {"WETH": {"borrowing": True}}}},
        {},
        f"{ALICE}, WETH: borrowing is true, but it owes nothing",
    ),
    "debt without flag": (
        "3.3",
        {ALICE: {"reserves": {"WETH": {"scaled_variable_debt": 1, "scaled_supply": 2, "borrowing": False}}}},
        {},
        f"{ALICE}, WETH: borrowing is false, but it owes something",
    ),
    "supply that does not add up": (
        "3.7",
        {ALICE: {"reserves": {"WETH": ONE}}},
        {"WETH": {"scaled_supply": 2}},
        "WETH: scaled_supply is 2, but accounts have 1: name a rest_holder",
    ),
    "debt that does not add up": (
        "3.7",
        {ALICE: {"reserves": {"WETH": ONE}}},
        {"WETH": {"scaled_variable_debt": 2, "underlying_balance": 0}},
        "WETH: scaled_variable_debt is 2, but accounts have 0",
    ),
    "more virtual than real": (
        "3.7",
        {},
        {"WETH": {"virtual_underlying_balance": 2, "underlying_balance": 1}},
        "WETH: virtual_underlying_balance 2 is more than the underlying_balance 1",
    ),
    "more owed than lent": (
        "3.7",
        {ALICE: {"reserves": {"WETH": {"scaled_variable_debt": 5}}}},
        {},
        "WETH: 5 more is owed than anybody lent",
    ),
    "an index of tomorrow": (
        "3.7",
        {ALICE: {"reserves": {"WETH": {"scaled_supply": 1, "supply_index": RAY + 1}}}},
        {},
        f"{ALICE}, WETH: supply_index {RAY + 1} is above the reserve's, which is {RAY} by now",
    ),
    "an update of tomorrow": (
        "3.7",
        {},
        {"WETH": {"last_update_timestamp": NOW + 1}},
        f"WETH: last_update_timestamp {NOW + 1} is after the state's time {NOW}",
    ),
    "isolated debt without a ceiling": (
        "3.6",
        {},
        {"WETH": {"isolation_mode_total_debt": 3}},
        "WETH: isolation_mode_total_debt is 3, but the asset has no debt_ceiling",
    ),
    "isolated debt after isolation": (
        "3.7",
        {},
        {"WETH": {"isolation_mode_total_debt": 3}},
        "WETH: isolation_mode_total_debt is given, which revision 3.7 lacks",
    ),
    "a deficit before deficits": ("3.2", {}, {"WETH": {"deficit": 3}}, "deficit is given, which revision 3.2 lacks"),
    "a bridge after bridges": ("3.4", {}, {"WETH": {"unbacked": 3}}, "unbacked is given, which revision 3.4 lacks"),
    "a virtual balance before there were any": (
        "3.0.2",
        {},
        {"WETH": {"virtual_underlying_balance": 3}},
        "virtual_underlying_balance is given, which revision 3.0.2 lacks",
    ),
    "stable debts after stable debts": (
        "3.2",
        {ALICE: {"reserves": {"WETH": {"stable_debt": 3}}}},
        {"WETH": {"stable_debt": {"average_rate": 1}, "underlying_balance": 0}},
        f"{ALICE}, WETH: stable_debt is given, which revision 3.2 lacks",
    ),
    "managers before managers": (
        "3.3",
        {ALICE: {"position_managers": [BOB]}},
        {},
        f"{ALICE}: position_managers are given, which revision 3.3 lacks",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_account_and_asset(case):
    revision, accounts, reserves, said = REFUSED[case]
    assert any(said in fault for fault in faults(with_state(revision, accounts, reserves)))


def test_all_faults_are_told_at_once():
    cases = [REFUSED[case] for case in ("no such category", "too wide now", "more virtual than real")]
    accounts = {ALICE: cases[0][1][ALICE] | cases[1][1][ALICE]}
    found = faults(with_state("3.7", accounts, {**cases[2][2], **REFUSED["no such reserve's figures"][2]}))
    assert len(found) == 4


def test_an_index_below_one_ray_is_no_index():
    with pytest.raises(ValueError, match=r"state\.reserves\.WETH\.liquidity_index"):
        with_state("3.7", {}, {"WETH": {"liquidity_index": RAY - 1}})


def test_tokens_of_the_a_token_itself_are_the_reserves():
    where = Market.deploy(config("3.7")).a_token("WETH").address
    with pytest.raises(StateError, match="are the reserve's underlying_balance"):
        Market.deploy(with_state("3.7", {where: {"reserves": {"WETH": {"tokens": 5}}}}))
    market = Market.deploy(with_state("3.7", {where: {"reserves": {"USDC": {"tokens": 5}}}}))
    assert market.erc20("USDC").balance_of(where) == 5


def test_ordinary_is_what_rounding_and_old_releases_leave():
    """A collateral flag without a share until v3.6, a borrower's flag without debt until v3.3."""
    Market.deploy(with_state("3.6", {ALICE: {"reserves": {"WETH": {"collateral": True}}}}))
    Market.deploy(with_state("3.3", {ALICE: {"reserves": {"WETH": {"borrowing": True}}}}))


# --- taking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_market_that_was_taken_has_the_same_digest(revision):
    market = lived_in(revision)
    market.a_token("USDC").approve(DAVE, 77, sender=BOB)
    market.debt_token("WETH").approve_delegation(DAVE, 78, sender=BOB)
    market.erc20("WBTC").mint(market.a_token("WETH").address, 5 * WBTC, sender=market.admin)  # a foreign gift
    market.erc20("WETH").mint(market.a_token("WETH").address, 5, sender=market.admin)  # a gift of its own
    if revision_named(revision).has_function("PoolInstance", "approvePositionManager(address,bool)"):
        market.pool.approve_position_manager(CAROL, True, sender=BOB)
    taken = market.config()
    again = MarketConfig.model_validate_json(taken.model_dump_json(exclude_defaults=True))
    assert again == taken
    assert Market.deploy(again).chain.digest() == market.chain.digest()


def _role(market):
    market.acl_manager.add_bridge(DAVE, sender=market.admin)


def _replaced_code(market):
    new = construct("PoolInstance", market.chain, DAVE, [market.provider.address, market.rate_strategy.address])
    assert new is not market.pool
    with pytest.raises(EmptyRevert, match="initializer"):  # the same revision once more
        market.provider.set_pool_impl(DAVE, sender=market.admin)


def _own_code(market):
    market.flash_loan_receiver("mine", lambda *_: True)


def _fallback(market):
    market.oracle.set_fallback_oracle(DAVE, sender=market.admin)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_role, "ACLManager at .*: members of"),
        (_own_code, "Python code of one's own"),
        (_fallback, "AaveOracle at .*: fallback is"),
        (_replaced_code, "PoolInstance at "),
    ],
)
def test_what_no_configuration_says_is_named_with_contract_and_field(change, said):
    market = lived_in("3.6")
    market.config()
    change(market)
    with pytest.raises(InexpressibleError, match=said) as caught:
        market.config()
    assert "Market.save" in str(caught.value)


def test_nothing_is_taken_inside_a_transaction():
    market = lived_in("3.6")
    market.chain.depth = 1
    with pytest.raises(RuntimeError, match="inside a transaction"):
        market.config()
