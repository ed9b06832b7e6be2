"""The examples run as their readers would run them, and show what they say they show."""

import runpy
import sys
from pathlib import Path

import pytest

from ..unit.source import ROOT

EXAMPLES = ROOT / "examples"
CONTRACTS = {
    "leverage_loop.py": "operations judged by SOL-16: 12 in 3 steps",
    "liquidation_bot.py": "alice owes 7500000000",
    "router.py": "bob borrowed 12500000000",
    "vault.py": "alice was paid 1003582042882",
}
"""Examples that put a contract between people and the pool, and what each prints on every release."""
SHOWN = {
    "first_steps.py": ("no more for her: HealthFactorLowerThanLiquidationThreshold()", "she owes 0"),
    "law_of_your_own.py": ("put to the test: 1 times", "MY-1 broken at step", "At most half of a reserve is lent."),
    "fuzz_a_market.py": (
        "v3.7: ",
        " 0 laws broken",
        "v3.5 breaks LIQ-5 of v3.7:",
        "LIQ-5 is broken at step",
        "Before step",
    ),
    "compare_releases.py": ("3 calls made on v3.5", "Where v3.4 first parts from v3.5", "(+1)"),
    "cascade.py": (
        *("infinite           4         42,719         1,900", "110M           7         74,141         1,852"),
        *("35M          30        707,706           999          35.0M          57.2M", "Assumed: owners sleep"),
    ),
    **dict.fromkeys(CONTRACTS, ("laws put to the test: ", "and broken: none")),
    "vault_machine.py": (
        *(
            "the naive vault:\nVAULT-1 broken at step 3, ",
            ": USDC.approve(vault, everything)\n",
            "the vault: deposits tried True and every law held",
        ),
        *("a campaign with vault:with_vault holds: True", "alice redeems from a history that was read: 1000000"),
    ),
    "own_agent.py": ("2004 steps in 500 blocks", "refused: nothing", "the same again: True"),
    "snapshot_fork_save.py": (
        *("back as it was: True", "here 0 and there 1000000000000000000"),
        *("loaded as saved: True", "edited by a wei: True"),
    ),
}
"""What each example prints, in parts that do not depend on the speed of the machine."""


def test_every_example_is_here_and_in_the_list_of_the_folder() -> None:
    files = {path.name for path in EXAMPLES.glob("*.py")}
    assert files == set(SHOWN)
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    folders = {f"{path.name}/" for path in EXAMPLES.iterdir() if path.is_dir() and path.name[0] not in "._"}
    for name in files | folders:
        assert f"| `{name}` |" in listed, name


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_runs_and_shows_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name])
    monkeypatch.syspath_prepend(EXAMPLES)  # as Python does for a script
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    printed = capsys.readouterr().out
    for part in SHOWN[name]:
        assert part in printed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("revision", ["3.4", "3.5", "3.6", "3.7"])
@pytest.mark.parametrize("name", CONTRACTS)
def test_no_law_breaks_on_a_faithful_market_through_a_contract(
    name: str, revision: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [name, revision])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert CONTRACTS[name] in capsys.readouterr().out
