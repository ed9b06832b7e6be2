"""Who can leave a reserve: a bound that no order beats, and queues that are exact."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pooltwin.protocol import Market, named_address
from pooltwin.scenarios.books.generate import generate
from pooltwin.scenarios.books.placed import PlacedBook
from pooltwin.scenarios.commands.main import app
from pooltwin.scenarios.exits.bound import Bound, bound_of, cash_of, door_closers
from pooltwin.scenarios.exits.claims import Claim, claims_on
from pooltwin.scenarios.exits.exits import exits_of
from pooltwin.scenarios.exits.queue import Queue, in_order, run_on
from pooltwin.scenarios.exits.rows import csv_of
from pooltwin.scenarios.units import WAD
from typer.testing import CliRunner

from .book_settings import MARKET, core_market, settings

RUNNER = CliRunner()
DAYS = 30


@pytest.fixture(scope="module")
def crowded() -> Market:
    """Core with 600 accounts of a book, a month later: a share is no longer a token."""
    market = core_market()
    placed = PlacedBook.place(market, generate(settings(accounts=600), market))
    placed.materialise(range(placed.book.accounts))
    market.chain.set_time(market.chain.time + DAYS * 86_400, market.chain.number + 1)
    return market


@pytest.fixture(scope="module")
def claims(crowded: Market) -> tuple[Claim, ...]:
    return claims_on(crowded, "WETH", [(account, "") for account in crowded.accounts()])


@pytest.fixture(scope="module")
def bound(crowded: Market, claims: tuple[Claim, ...]) -> Bound:
    return bound_of(crowded, "WETH", claims)


def what_lenders_have(queue: Queue) -> int:
    """What left and what is still claimed."""
    return queue.paid + int(queue.market.a_token("WETH").total_supply())


@examples(max_examples=20, deadline=None)
@given(st.data())
def test_no_order_pays_more_than_the_bound_and_lenders_as_a_whole_have_the_same(
    crowded: Market, claims: tuple[Claim, ...], bound: Bound, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(claims))
    queue = run_on(crowded, "WETH", order[: data.draw(st.integers(1, len(order)))])
    assert queue.paid <= min(bound.most, sum(turn.claim.free for turn in queue.turns))
    assert all(turn.paid <= turn.claim.free <= turn.claim.claim for turn in queue.turns)
    withdrawals = sum(turn.paid > 0 for turn in queue.turns)
    whole = int(crowded.a_token("WETH").total_supply())
    assert whole - 2 * withdrawals <= what_lenders_have(queue) <= whole + 1
    assert queue.left == bound.cash - queue.paid == cash_of(queue.market, "WETH")
    if len(queue.turns) == len(claims):
        assert bound.most - queue.paid <= len(claims)  # units that are worth no share stay behind


@pytest.mark.parametrize("order", ["largest", "smallest", "free", "bound", "seed:1", "seed:2"])
def test_every_named_order_gives_out_all_there_is(
    crowded: Market, claims: tuple[Claim, ...], bound: Bound, order: str
) -> None:
    queue = run_on(crowded, "WETH", in_order(claims, order))
    assert bound.most - queue.paid <= len(claims)


def test_what_is_free_is_taken_and_a_unit_more_is_not(crowded: Market, claims: tuple[Claim, ...]) -> None:
    held_back = [one for one in claims if one.is_bound and one.free]
    assert held_back
    for one in held_back[:10]:
        branch = crowded.fork()
        branch.fund("WETH", HELPER, 10**25)
        branch.erc20("WETH").approve(branch.pool.address, 10**25, sender=HELPER)
        branch.configurator.set_supply_cap(branch.asset("WETH"), 0, sender=branch.admin)
        branch.pool.supply(branch.asset("WETH"), 10**25, HELPER, 0, sender=HELPER)
        assert int(branch.max_withdraw("WETH", one.account)) == one.free


HELPER = named_address("somebody with a lot")


def test_lenders_without_debts_are_free_whatever_they_flagged(claims: tuple[Claim, ...], crowded: Market) -> None:
    for one in claims:
        owes = crowded.pool.get_user_account_data(one.account).total_debt_base
        assert not one.is_bound or owes


def a_claim(number: int, free: int) -> Claim:
    return Claim(f"0x{number:040x}", "", free, free)


@pytest.mark.parametrize(("cash", "closers"), [(0, 0), (1, 1), (50, 1), (51, 2), (80, 2), (81, 3), (100, 3), (101, 0)])
def test_the_door_is_closed_by_the_fewest(cash: int, closers: int) -> None:
    assert len(door_closers([a_claim(1, 30), a_claim(2, 50), a_claim(3, 20)], cash)) == closers


def test_what_is_paid_back_can_leave(crowded: Market) -> None:
    digest = crowded.chain.digest()
    before = exits_of(crowded, "WETH")
    after = exits_of(crowded, "WETH", repaid=1000 * WAD)
    assert after.bound.cash == before.bound.cash + 1000 * WAD
    assert after.queue.paid - before.queue.paid >= 1000 * WAD - 2 * len(after.queue.turns)
    assert crowded.chain.digest() == digest
    with pytest.raises(ValueError, match="cannot be paid back"):
        exits_of(crowded, "WETH", repaid=10**30)


def test_a_paused_reserve_lets_nobody_out(crowded: Market) -> None:
    branch = crowded.fork()
    branch.configurator.set_reserve_pause(branch.asset("WETH"), True, 0, sender=branch.admin)
    told = exits_of(branch, "WETH")
    assert told.queue.paid == 0
    assert {turn.limit for turn in told.queue.waiting} == {"reserve is paused"}


@pytest.mark.parametrize("order", ["", "fastest", "seed", "seed:", "seed:x", "largest:1"])
def test_an_order_that_is_none_is_refused(order: str) -> None:
    with pytest.raises(ValueError, match="is no order; orders are largest, smallest"):
        in_order((), order)


def test_rows_are_exact(crowded: Market) -> None:
    told = exits_of(crowded, "WETH", order="seed:3")
    rows = list(csv.DictReader(StringIO(csv_of(told))))
    assert len(rows) == len(told.queue.turns)
    assert sum(int(row["paid"].replace(".", "")) for row in rows) == told.queue.paid


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_tells_bound_and_queue_within_80_columns(tmp_path: Path) -> None:
    asked = ["exits", MARKET, "WETH", "--book", MARKET, "--accounts", "1000", "--csv", str(tmp_path / "turns.csv")]
    result = RUNNER.invoke(app, asked, env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert "claims of lenders" in result.output
    assert "465,818" in result.output
    assert max(len(line) for line in result.output.splitlines() if not line.startswith("written")) <= 80
    assert (tmp_path / "turns.csv").read_text().startswith("turn,account,name,supplied,free,paid,limit,left")


def test_the_command_takes_a_table_of_accounts(tmp_path: Path) -> None:
    (tmp_path / "lenders.csv").write_text(f"account,asset,supplied,collateral\n{HELPER},WETH,2.5,no\n")
    result = RUNNER.invoke(app, ["exits", MARKET, "WETH", "--book", str(tmp_path / "lenders.csv")])
    assert result.exit_code == 0, result.output
    assert "1 of 1 get what is free" in result.output
    assert "Nobody can close the door" not in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([MARKET, "XYZ"], "'XYZ' is not listed"),
        (["nowhere", "WETH"], "there is no 'nowhere'"),
        ([MARKET, "WETH", "--book", "nothing"], "there is no book 'nothing'"),
        ([MARKET, "WETH", "--book", "nothing.json"], "nothing.json"),
        ([MARKET, "WETH", "--accounts", "5"], "--accounts and --seed are of a generated book"),
        ([MARKET, "WETH", "--order", "fastest"], "'fastest' is no order"),
        ([MARKET, "WETH", "--repaid", "-1"], "--repaid -1: is no amount of WETH"),
        ([MARKET, "WETH", "--repaid", "5"], "cannot be paid back"),
    ],
)
def test_what_the_command_cannot_do_is_refused_in_words(arguments: list[str], said: str) -> None:
    result = RUNNER.invoke(app, ["exits", *arguments])
    assert result.exit_code == 2
    assert said in result.output.replace("\n", " ")
