"""The verdict follows the numbers, and the output can be read."""

import io

import pytest
from pooltwin.protocol.files import write_text
from pooltwin.scenarios.formatting import amount, health_factor, percent, price
from pooltwin.scenarios.trend_research import run_replay
from pooltwin.scenarios.trend_research.report import print_report
from pooltwin.scenarios.trend_research.result import read_result
from pooltwin.scenarios.trend_research.verdict import (
    access_verdict,
    lenders_verdict,
    liquidation_verdict,
    margin_verdict,
    position_verdict,
    refusal_verdict,
    returned_verdict,
    uncovered_verdict,
    verdict,
)
from pooltwin.scenarios.units import WAD
from rich.console import Console


def _changed(result, symbol, **changes):
    """The result with one reserve's final balance changed."""
    after = [balance.model_copy(update=changes) if balance.symbol == symbol else balance for balance in result.after]
    return result.model_copy(update={"after": tuple(after)})


def test_whole_lenders_are_called_whole(sold):
    assert lenders_verdict(sold).startswith("No lender lost anything: in all 16 reserves")


def test_one_missing_unit_is_a_shortfall(sold):
    usdc = next(balance for balance in sold.after if balance.symbol == "USDC")
    short = _changed(sold, "USDC", cash=usdc.cash - usdc.slack_without_deficit - 1)
    assert lenders_verdict(short).startswith("Lenders are short without any bad debt")
    assert "0.000001 USDC" in lenders_verdict(short)


def test_a_deficit_is_a_loss_even_though_the_slack_counts_it(sold):
    """Bad debt moves from the borrowers to the deficit: slack stays, the verdict must not."""
    usdt = next(balance for balance in sold.after if balance.symbol == "USDT")
    moved = usdt.slack_without_deficit + 5_000_000
    lost = _changed(sold, "USDT", owed_by_borrowers=usdt.owed_by_borrowers - moved, deficit=moved)
    assert next(balance for balance in lost.after if balance.symbol == "USDT").slack == usdt.slack
    assert lenders_verdict(lost).startswith("Lenders lost.")
    assert lenders_verdict(lost).endswith("short of: 5.000000 USDT.")


def test_a_crash_is_called_a_loss_with_its_amounts(crashed):
    said = lenders_verdict(crashed)
    assert said.startswith("Lenders lost.")
    for balance in crashed.after:
        if balance.deficit:
            assert f"{amount(balance.deficit, balance.decimals)} {balance.symbol}" in said


def test_uncovered_debt_is_told_by_when_it_was(sold, crashed):
    assert uncovered_verdict(sold) == (
        "At no print was a debt larger than the collateral behind it, neither before anyone acted nor after."
    )

    def with_first(**changes):
        return sold.model_copy(update={"steps": (sold.steps[0].model_copy(update=changes), *sold.steps[1:])})

    passing = with_first(uncovered_at_print_base=9 * 10**8, uncovered_base=7 * 10**8)
    said = "Before anyone acted 9 USD of debt had no collateral behind it at Feb 02 04:00 UTC"
    assert uncovered_verdict(passing) == (
        f"{said}. After everybody had acted it was 7 USD at worst, Feb 02 04:00 UTC; at the end it is covered again."
    )
    idle = with_first(uncovered_at_print_base=9 * 10**8, uncovered_base=9 * 10**8)
    assert uncovered_verdict(idle) == f"{said}, and nobody changed that; at the end it is covered again."
    mended = with_first(uncovered_at_print_base=9 * 10**8)
    assert uncovered_verdict(mended) == f"{said}; the liquidations at the same print left none of it."
    left = passing.model_copy(update={"uncovered_base": 9 * 10**8})
    assert uncovered_verdict(left).endswith("at the end 9 USD.")
    assert "turned it into bad debt" in uncovered_verdict(crashed)


def test_whole_is_not_liquid(sold, unsold):
    assert access_verdict(sold).startswith("Being whole was not being liquid")
    start = sold.model_copy(update={"steps": sold.steps[:1]})
    assert access_verdict(start).startswith("WETH stayed liquid")
    assert "13.5" in access_verdict(start)  # 465,818 of 3,430,857
    assert access_verdict(unsold) != access_verdict(sold)


def test_margin_names_a_healthy_and_an_unhealthy_worst(sold, unsold):
    assert margin_verdict(sold).startswith("The closest call was")
    assert margin_verdict(unsold).startswith("A wallet was liquidatable")
    free = sold.model_copy(
        update={"steps": (sold.steps[-1].model_copy(update={"worst_health_factor_at_print": None}),)}
    )
    assert margin_verdict(free) == "The position never had a debt."


def test_liquidations_are_counted(sold, unsold):
    assert liquidation_verdict(sold) == "Nothing was liquidated: at no print was any account liquidatable."
    said = liquidation_verdict(unsold)
    assert said.startswith(f"Liquidators made {len(unsold.liquidations)} call")
    seized = sum(call.received for call in unsold.liquidations)
    assert amount(seized, 18, 0) in said


def test_the_end_of_the_position_is_told_as_it_is(sold, unsold):
    assert position_verdict(sold).startswith("Nothing of the position is left and its debt is repaid in full")
    assert position_verdict(unsold).startswith("The position is still open")
    assert position_verdict(unsold).endswith("The owner sold nothing.")
    last = sold.steps[-1]
    holding = last.model_copy(update={"position": last.position.model_copy(update={"weth": 3 * WAD})})
    kept = sold.model_copy(update={"steps": (*sold.steps[:-1], holding)})
    assert position_verdict(kept).startswith("The debt is repaid in full; 3 WETH are left")


def test_returns_and_refusals(sold, unsold, stranded):
    assert returned_verdict(sold).startswith("For the withdrawals to go through")
    assert returned_verdict(unsold) == "No WETH had to be brought back by others."
    assert refusal_verdict(sold) == ""
    assert refusal_verdict(stranded).startswith("The pool refused")
    assert "withdrawal" in refusal_verdict(stranded)


@pytest.mark.parametrize("name", ["sold", "unsold", "crashed", "stranded"])
def test_the_stored_verdict_is_the_computed_one(name, request):
    result = request.getfixturevalue(name)
    assert result.verdict == verdict(result)
    assert len(result.verdict) >= 6


def _printed(result, width, **options):
    out = io.StringIO()
    print_report(result, Console(file=out, width=width), **options)
    return out.getvalue()


def test_the_report_shows_course_books_and_verdict(sold):
    text = _printed(sold, 130)
    assert "3,430,857 WETH supplied, 465,818 available" in " ".join(text.split())
    assert "1781-1862 (1830)" in text  # ours
    assert "1685-1855 (1800)" in text  # reported
    assert "95.42% and 99.85%" in text
    weth = next(balance for balance in sold.after if balance.symbol == "WETH")
    assert amount(weth.owed_to_lenders, 18) in text  # every digit
    assert "No lender lost anything" in " ".join(text.split())
    assert "80% of the debt is USDT" in " ".join(text.split())
    assert sold.digest() in text


@pytest.mark.parametrize("name", ["sold", "unsold", "crashed", "stranded"])
@pytest.mark.parametrize("width", [80, 99, 130])
def test_nothing_is_cut_and_no_line_is_too_wide(name, width, request):
    result = request.getfixturevalue(name)
    text = _printed(result, width)
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= max(width, 80)
    weth = next(balance for balance in result.after if balance.symbol == "WETH")
    assert amount(weth.owed_to_lenders, 18) in text


def test_the_verdict_comes_first(sold):
    lines = _printed(sold, 80).splitlines()
    assert lines.index("Verdict") < 10
    assert lines.index("Verdict") < lines.index("Assumed, where sources are silent")
    assert next(line for line in lines if "Every four hours" in line) in lines[40:]


def test_the_brief_report_has_no_tables(crashed):
    text = _printed(crashed, 80, brief=True)
    assert "Every four hours" not in text
    assert "every digit" not in text
    assert len(text.splitlines()) < 90
    for sentence in (*crashed.verdict, *crashed.assumed):
        assert " ".join(sentence.split()) in " ".join(text.replace("•", "").split())


def test_a_stress_test_is_named_in_the_title(crashed):
    title = " ".join(_printed(crashed, 80).split("Start 2026")[0].split())
    assert title.endswith("what if: nobody sells; WETH 1,200.00 at Feb 03 17:00 UTC")
    assert "Changed from the default • nobody sells (sell) • WETH 1,200.00" in " ".join(_printed(crashed, 80).split())


def test_run_replay_writes_its_files_and_nothing_else(tmp_path):
    out = io.StringIO()
    target = tmp_path / "new" / "place"
    result = run_replay(target, sell=False, console=Console(file=out, width=120))
    assert not result.parameters.sell
    assert sorted(entry.name for entry in target.iterdir()) == ["replay.json", "replay.png", "replay.svg"]
    assert read_result(target / "replay.json") == result
    assert (target / "replay.png").read_bytes().startswith(b"\x89PNG")
    assert "what if: nobody sells" in out.getvalue()


def test_without_matplotlib_there_is_no_picture_but_a_word_about_it(tmp_path, monkeypatch):
    monkeypatch.setattr("pooltwin.scenarios.trend_research.show.can_draw", lambda: False)
    out = io.StringIO()
    run_replay(tmp_path, console=Console(file=out, width=120))
    assert [entry.name for entry in tmp_path.iterdir()] == ["replay.json"]
    assert "matplotlib is not installed" in out.getvalue()


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    write_text(path, "old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_text(path, "new")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("file.txt", "old")]


def test_numbers_are_exact_or_rounded_half_up():
    assert amount(1_999_999, 6) == "1.999999"
    assert amount(1_999_999, 6, 0) == "2"
    assert amount(1_499_999, 6, 0) == "1"
    assert amount(-1, 6, 2) == "0.00"
    assert health_factor(WAD - 1) == "0.999"
    assert amount(-1, 6) == "-0.000001"
    assert amount(1_234_567 * WAD, 18, 0) == "1,234,567"
    assert percent(WAD * 2 // 3) == "66.67%"
    assert price(None) == "–"
