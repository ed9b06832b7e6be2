"""Tables of accounts load in one call, exactly, from everything that people keep tables in; wrong cells are named."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.fixtures import load_market
from pooltwin.interop import TableError, load_accounts
from pooltwin.invariants.standard import standard_config
from pooltwin.protocol import MarketConfig, StateError
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import quiet_about_units
from pooltwin.protocol.revisions import REVISIONS
from pyarrow import parquet

DATA = Path(__file__).parent / "data"
LENDER, HOLDER = "0x" + "1e" * 20, "0x" + "de" * 20
WHO = ["0x" + f"{number:02x}" * 20 for number in range(1, 4)]
RAY = 10**27

POSITIONS = """\
account,asset,supplied,borrowed,collateral,e_mode
0x0101010101010101010101010101010101010101,WETH,10,,true,
0x0101010101010101010101010101010101010101,USDC,,18000,,
0x0202020202020202020202020202020202020202,WETH,10.0,0,yes,0
0x0202020202020202020202020202020202020202,USDC,,18300,,
0x0303030303030303030303030303030303030303,WETH,10,,1,
0x0303030303030303030303030303030303030303,USDC,,19000.000000,no,
"""
"""Positions below LTV, between LTV and threshold, and above the threshold."""


def standard(revision, *more, **figures):
    """The standard market without its dust, with figures for some reserves."""
    with quiet_about_units():
        data = standard_config(revision).model_dump()
    data["reserves"] = [*data["reserves"][:7], *more]
    return MarketConfig.model_validate(data | {"state": {"time": 1_780_000_000, "reserves": figures}})


@pytest.fixture
def core():
    return Market.deploy(load_market("ethereum-core-2026-02"))


def positions(tmp_path, text=POSITIONS):
    path = tmp_path / "positions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_health_factors_of_a_file_are_those_by_hand(core, tmp_path):
    """Also of positions that no call could bring about at these prices."""
    loaded = load_accounts(core, positions(tmp_path), lender=LENDER)
    price, threshold = core.oracle.get_asset_price(core.asset("WETH")), 8_300
    for who, debt in zip(WHO, (18_000, 18_300, 19_000), strict=True):
        usdc = core.oracle.get_asset_price(core.asset("USDC"))
        health = Fraction(10 * price * threshold, 10_000) / (debt * usdc)
        account = core.pool.get_user_account_data(who)
        assert account.health_factor == int(health * 10**18)
        assert f"{float(health):.4f}" == {18_000: "1.0326", 18_300: "1.0157", 19_000: "0.9783"}[debt]
    assert loaded.accounts == 3
    assert str(loaded) == (
        "3 accounts from 6 rows\n"
        "WETH: supplied 30.00 of 30.00, borrowed 0.00 of 0.00\n"
        "USDC: supplied 0.00 of 55,300.00, borrowed 55,300.00 of 55,300.00, lent besides 55,300.00"
    )


def as_frame(path):
    return pandas.read_csv(path, dtype=str)


def as_arrow(path):
    return pyarrow.Table.from_pandas(as_frame(path))


def as_parquet(path):
    parquet.write_table(as_arrow(path), path.with_suffix(".parquet"))
    return str(path.with_suffix(".parquet"))


def as_mappings(path):
    header, *rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def as_numbers(path):
    """What programs have: integers, decimals, booleans, and nothing where there is nothing."""
    read = {"supplied": Decimal, "borrowed": lambda cell: int(Decimal(cell)), "collateral": lambda cell: cell != "no"}
    return [
        {name: read.get(name, str)(cell) for name, cell in row.items() if cell and name != "e_mode"}
        for row in as_mappings(path)
    ]


@pytest.mark.parametrize("form", [as_frame, as_arrow, as_parquet, as_mappings, as_numbers])
def test_every_form_of_a_table_gives_the_same_market(core, tmp_path, form):
    path = positions(tmp_path)
    other = core.fork()
    load_accounts(core, path, lender=LENDER)
    load_accounts(other, form(path), lender=LENDER)
    assert other.chain.digest() == core.chain.digest()


def test_scaled_balances_of_another_program_load_as_they_are():
    """The file has shares and indexes; a market with these indexes gives its balances."""
    users = json.loads((DATA / "aave_parity.json").read_text(encoding="utf-8"))["users"]
    rows = {}
    for user in users:
        for name, side in (("shares", "collateral"), ("debt", "debt")):
            for own in user[side]:
                row = rows.setdefault((user["address"], own["underlying_symbol"]), {"e_mode": user["e_mode"]})
                row |= {name: own["balance"], "collateral": user["collateral_config_map"].get(str(own["asset_id"]))}
    table = [{"account": who, "asset": symbol, **row} for (who, symbol), row in rows.items()]
    dai = load_market("ethereum-core-2026-02").reserve("DAI").model_dump() | {"price": 10**8}
    config = standard("3.3", dai, USDC={"variable_borrow_index": RAY + 1_000})
    columns = {"supplied": "shares", "borrowed": "debt"}
    market = load_accounts(config, table, amounts="shares", columns=columns, lender=LENDER).market
    for (who, symbol), row in rows.items():
        assert market.a_token(symbol).scaled_balance_of(who) == int(row.get("shares", 0))
        assert market.debt_token(symbol).scaled_balance_of(who) == int(row.get("debt", 0))
    prices = {"WETH": 2_000 * 10**8, "DAI": 10**8}
    for user in users:
        account = market.pool.get_user_account_data(user["address"])
        (own,) = user["collateral"]
        collateral = int(own["balance"]) * prices[own["underlying_symbol"]] // 10**18
        assert account.total_collateral_base == collateral
        threshold = 9_500 if user["e_mode"] else 7_700 if own["underlying_symbol"] == "DAI" else 8_300
        debt = int(1_000 * 10**8 / Fraction(10**6 if own["underlying_symbol"] == "WETH" else 10**18))
        assert account.total_debt_base == debt
        if debt:
            limit = (collateral * threshold + 5_000) // 10_000  # half up, as percentages are
            assert account.health_factor == (limit * 10**18 + debt // 2) // debt


# --- exactly ----------------------------------------------------------------------------------------------------------


@given(st.data())
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_balance_that_was_read_is_the_balance_again(revision, data):
    """Whatever the index: shares are found that have this balance to the unit, if there are any, and no other."""
    index = data.draw(st.integers(RAY, 3 * RAY))
    supply, debt = data.draw(st.integers(1, 10**25)), data.draw(st.integers(1, 10**12))
    figures = {"liquidity_index": index, "variable_borrow_index": index}
    market = Market.deploy(standard(revision, WETH=figures, USDC=figures))
    release = market.chain.revision
    read = release.a_token_balance(supply, index), release.debt_balance(debt, index)
    rows = [
        {"account": WHO[0], "asset": "WETH", "supplied": str(read[0]), "collateral": True},
        {"account": WHO[0], "asset": "USDC", "borrowed": str(read[1])},
    ]
    load_accounts(market, rows, amounts="units", lender=LENDER)
    assert market.a_token("WETH").scaled_balance_of(WHO[0]) == supply
    assert market.debt_token("USDC").scaled_balance_of(WHO[0]) == debt


@given(st.integers(1, 10**24), st.integers(RAY, 3 * RAY))
def test_an_amount_that_no_share_gives_is_rounded_against_the_account(amount, index):
    figures = {"liquidity_index": index, "variable_borrow_index": index}
    config = standard("3.6", WETH=figures, WSTETH=figures)
    rows = [
        {"account": WHO[0], "asset": "WETH", "supplied": amount, "collateral": True},
        {"account": WHO[0], "asset": "WSTETH", "borrowed": amount},
    ]
    market = load_accounts(config, rows, amounts="units", lender=LENDER).market
    assert 0 <= amount - market.a_token("WETH").balance_of(WHO[0]) <= index // RAY
    assert 0 <= market.debt_token("WSTETH").balance_of(WHO[0]) - amount <= index // RAY


def test_nobody_elses_claim_changes_and_interest_goes_on(core):
    usdc, weth = core.asset("USDC"), core.asset("WETH")
    core.fund("USDC", LENDER, 10**12)
    core.pool.supply(usdc, 10**12, LENDER, 0, sender=LENDER)
    core.fund("WETH", HOLDER, 10**21)
    core.pool.supply(weth, 10**21, HOLDER, 0, sender=HOLDER)
    core.pool.borrow(usdc, 10**11, 2, 0, HOLDER, sender=HOLDER)
    core.chain.advance(86_400 * 30)
    before = [core.a_token("USDC").balance_of(LENDER), core.debt_token("USDC").balance_of(HOLDER)]
    rates = core.pool.get_reserve_data(usdc).current_variable_borrow_rate
    rows = [{"account": WHO[0], "asset": "USDC", "borrowed": "500000"}, {"account": WHO[0], "asset": weth}]
    rows[1] |= {"supplied": "300", "collateral": True}
    load_accounts(core, rows)
    assert [core.a_token("USDC").balance_of(LENDER), core.debt_token("USDC").balance_of(HOLDER)] == before
    assert core.pool.get_reserve_data(usdc).current_variable_borrow_rate > rates
    core.chain.advance(86_400)
    assert core.debt_token("USDC").balance_of(WHO[0]) > 500_000 * 10**6


def test_accounts_take_over_the_shares_of_the_rest_holder():
    """Totals that are known stay as they are, whatever the table says of who has them."""
    config = load_market("ethereum-core-2026-02").model_dump()
    figures = {"liquidity_index": RAY + 10**25, "variable_borrow_index": RAY + 10**26}
    figures |= {"scaled_variable_debt": 10**15, "virtual_underlying_balance": 10**14}
    config["state"] = {"time": 1_780_000_000, "rest_holder": HOLDER, "reserves": {"USDC": figures}}
    rows = [{"account": who, "asset": "USDC", "supplied": "1000000", "collateral": True} for who in WHO]
    rows += [{"account": LENDER, "asset": "USDC", "borrowed": "2500000.5"}]
    loaded = load_accounts(MarketConfig.model_validate(config), rows, out_of=HOLDER)
    market, (totals,) = loaded.market, loaded.totals
    pool, usdc = market.pool, market.asset("USDC")
    assert pool.get_virtual_underlying_balance(usdc) == 10**14
    assert market.debt_token("USDC").scaled_total_supply() == 10**15
    assert 0 <= 3 * 10**12 - totals.supplied <= 6
    assert totals.supplied_in_all == market.a_token("USDC").total_supply()
    shares = [market.a_token("USDC").scaled_balance_of(who) for who in (*WHO, HOLDER)]
    assert sum(shares) == market.a_token("USDC").scaled_total_supply()
    with pytest.raises(StateError, match=rf"USDC: accounts have \d+ shares of debt, but {HOLDER}, whose they are, has"):
        load_accounts(market, [{"account": WHO[0], "asset": "USDC", "borrowed": "10000000000"}], out_of=HOLDER)


# --- what is refused --------------------------------------------------------------------------------------------------

WRONG = [
    ("0x01,WETH,1,,true,", "row 1, column account: '0x01' is not an address of 20 bytes"),
    (f"{WHO[0]},WETHH,1,,true,", "row 1, column asset: 'WETHH' is not listed"),
    (f"{WHO[0]},USDC,1.0000005,,true,", "row 1, column supplied: '1.0000005' is finer than a unit: the token has 6"),
    (f"{WHO[0]},USDC,1e-7,,true,", "row 1, column supplied: '1e-7' is finer than a unit"),
    (f'{WHO[0]},USDC,"1,000",,true,', "row 1, column supplied: '1,000' is not a number"),
    (f"{WHO[0]},USDC,,-5,,", "row 1, column borrowed: '-5' is not an amount from 0 up"),
    (f"{WHO[0]},USDC,,inf,,", "row 1, column borrowed: 'inf' is not an amount from 0 up"),
    (f"{WHO[0]},USDC,,1e300,,", "row 1, column borrowed: '1e300' is more than any token has"),
    (f"{WHO[0]},USDC,1,,maybe,", "row 1, column collateral: 'maybe' is neither true nor false"),
    (f"{WHO[0]},USDC,1,,true,stables", "row 1, column e_mode: 'stables' is not a whole number from 0 up"),
    (
        f"{WHO[0]},USDC,1,,true,1\n{WHO[0]},WETH,1,,true,2",
        "row 2, column e_mode: 2 is not the 1 of row 1, same account",
    ),
    (f"{WHO[0]},USDC,1,,true,\n{WHO[0]},USDC,,1,,", f"row 2: {WHO[0]} and USDC are in row 1 already"),
    (f"{WHO[0]},USDC,1,,true,,", "row 1 has 7 cells, the header 6"),
]


@pytest.mark.parametrize(("rows", "said"), WRONG)
def test_a_wrong_cell_is_refused_with_row_and_column(core, tmp_path, rows, said):
    digest = core.chain.digest()
    with pytest.raises(TableError) as caught:
        load_accounts(core, positions(tmp_path, POSITIONS.splitlines()[0] + "\n" + rows + "\n"), lender=LENDER)
    assert any(said in fault for fault in caught.value.faults)
    assert core.chain.digest() == digest


def test_every_wrong_cell_is_told_at_once(core, tmp_path):
    rows = "\n".join(rows.splitlines()[0] for rows, _ in WRONG[:10])
    with pytest.raises(TableError) as caught:
        load_accounts(core, positions(tmp_path, POSITIONS.splitlines()[0] + "\n" + rows + "\n"))
    assert [fault.split(",")[0] for fault in caught.value.faults] == [f"row {number}" for number in range(1, 11)]


UNFIT = [
    ([{"account": WHO[0], "asset": "USDC", "borrowed": "5"}], "USDC: 5000000 more is borrowed than is supplied"),
    ([{"account": LENDER, "asset": "WETH", "borrowed": "1"}], f"{LENDER}, WETH: it has a debt there already"),
    ([{"account": HOLDER, "asset": "WETH", "supplied": 1, "collateral": 0}], f"{HOLDER}, WETH: it has a supply there"),
    ([{"account": WHO[0], "asset": "USDC", "supplied": 1, "collateral": 1, "e_mode": 99}], "e_mode 99 is no category"),
]


@pytest.mark.parametrize(("rows", "said"), UNFIT)
def test_a_position_that_does_not_fit_is_refused_with_account_and_asset(core, rows, said):
    already = [
        {"account": HOLDER, "asset": "WETH", "supplied": "100", "collateral": True},
        {"account": LENDER, "asset": "WETH", "borrowed": "1"},
    ]
    load_accounts(core, already)
    digest = core.chain.digest()
    with pytest.raises(StateError) as caught:
        load_accounts(core, rows)
    assert any(said in fault for fault in caught.value.faults)
    assert core.chain.digest() == digest


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([{"account": WHO[0], "asset": "USDC"}], "there is no column \"supplied' or 'borrowed\""),
        ([{"account": WHO[0], "asset": "USDC", "supplied": 1}], "there is no column 'collateral'; there are account"),
        ([{"user": WHO[0], "asset": "USDC", "borrowed": 1}], "there is no column 'account'; there are user, asset"),
        ([{"account": WHO[0], "asset": "USDC", "borrowed": 1.5}], "1.5 is a float, which is not exact"),
        (["nothing"], "row 1 is 'nothing', not a mapping"),
    ],
)
def test_a_table_that_is_none_says_what_it_lacks(core, table, said):
    with pytest.raises(TableError) as caught:
        load_accounts(core, table)
    assert said in str(caught.value)


def test_files_that_are_no_tables_are_refused(core, tmp_path):
    for name, content, said in (
        ("a.csv", b"\xff\xfe", "cannot be read"),
        ("b.csv", b"", "it has no header"),
        ("c.csv", b"account,account\n", "column 'account' is there twice"),
        ("d.parquet", b"none", "cannot be read"),
        ("e.txt", b"", "ends in .csv or .parquet"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(TableError, match=said):
            load_accounts(core, path)
    with pytest.raises(TableError, match="cannot be read"):
        load_accounts(core, tmp_path / "nowhere.csv")
    with pytest.raises(TypeError, match="int is no table"):
        load_accounts(core, 5)


def test_misspelt_settings_are_refused(core):
    with pytest.raises(ValueError, match="amounts are 'tokens', 'units' or 'shares', not 'wei'"):
        load_accounts(core, [], amounts="wei")
    with pytest.raises(ValueError, match="'health' is no column"):
        load_accounts(core, [], columns={"health": "hf"})


def test_without_pyarrow_parquet_says_what_is_needed(core, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    path = tmp_path / "x.parquet"
    path.write_bytes(b"")
    with pytest.raises(TableError, match=r"pip install 'pooltwin\[tables\]'"):
        load_accounts(core, path)


def test_a_watched_market_takes_no_accounts(core):
    from pooltwin.invariants import Monitor, all_laws

    with Monitor(core, all_laws()), pytest.raises(RuntimeError, match="before a monitor is attached"):
        load_accounts(core, [])
