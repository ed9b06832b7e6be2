"""The bins of Lido's liquidation model of June 2023, found again on the twin: wstETH by its holder's health factor.

The accounts are those that the model's authors published (ETH debts in e-mode, on the v3 market), the table is the one
of their notebook. Their file has one account more than the run that printed the table, so bins agree to within one per
cent and not to the unit.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import pytest
from pooltwin.interop import load_accounts
from pooltwin.protocol import Market, named_address

from .forms import DATA
from .test_snapshots import old

ACCOUNTS = DATA / "lido_b1_v3_2023-06-19.csv"
WSTETH_USD, WETH_USD = Decimal("1941.0545"), Decimal("1719.57")
"""As the pool had them when the accounts were read: what most accounts have is worth exactly that."""
EDGES = {"A": "1.42", "B+": "1.21", "B": "1.14", "B-": "1.05", "C": "1.03", "D": "1", "liquidation": "0"}
"""The health factor above which an account is in a bin; those of e-mode in the model."""
PUBLISHED = {
    "1.00": ("703.69", "50054.64", "11849.52", "82654.79", "19959.52", "0", "0"),
    "0.99": ("703.69", "47247.44", "13336.98", "80441.22", "7306.90", "16185.94", "0"),
    "0.98": ("703.69", "47002.79", "13297.48", "78664.30", "5594.39", "19959.52", "0"),
}
"""wstETH in each bin, by the rate of stETH to ETH. At 0.97 one account of 18,116 wstETH lies 0.13% from an edge, and
the notebook has it beyond."""
E_MODE, E_MODE_LT, OTHER_LT = 1, 9_300, 8_000


class Given(NamedTuple):
    """One account of the file."""

    wsteth: Decimal
    collateral_usd: Decimal
    debt_usd: Decimal
    threshold_bps: int

    def rows(self, who: str) -> list[dict[str, object]]:
        """Its position: wstETH, and the rest of its collateral so divided that the average threshold is what it was."""
        other = self.collateral_usd * (E_MODE_LT - self.threshold_bps) / (E_MODE_LT - OTHER_LT)
        ether = self.collateral_usd - self.wsteth * WSTETH_USD - other
        wsteth = self.wsteth + min(ether, Decimal(0)) / WSTETH_USD
        amounts = {
            "wstETH": (wsteth, Decimal(0)),
            "WETH": (max(ether, Decimal(0)) / WETH_USD, self.debt_usd / WETH_USD),
            "USDC": (other, Decimal(0)),
        }
        decimals = {"USDC": 6}
        return [
            {
                "account": who,
                "asset": asset,
                "supplied": int(supplied * 10 ** decimals.get(asset, 18)),
                "borrowed": int(borrowed * 10**18),
                "collateral": supplied > 0,
                "e_mode": E_MODE,
            }
            for asset, (supplied, borrowed) in amounts.items()
            if supplied or borrowed
        ]


@cache
def accounts() -> dict[str, Given]:
    """The accounts of the file, under names of ours."""
    with open(ACCOUNTS, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        named_address(f"account {number}"): Given(
            *(Decimal(row[name]) for name in ("wsteth", "collateral_usd", "debt_usd")), int(row["threshold_bps"])
        )
        for number, row in enumerate(rows)
    }


@pytest.fixture(scope="module")
def market() -> Market:
    """Aave v3 on Ethereum as its snapshot of 2023 has it, with the accounts in it and the prices of their day."""
    config = old("ethereum")
    category = next(each for each in config.e_modes if each.id == E_MODE)
    assert (category.liquidation_threshold_bps, "wstETH" in category.collateral) == (E_MODE_LT, True)
    assert next(each for each in config.reserves if each.handle == "USDC").liquidation_threshold_bps == OTHER_LT
    market = Market.deploy(config)
    for asset, price in {"wstETH": WSTETH_USD, "WETH": WETH_USD, "USDC": Decimal(1)}.items():
        market.set_price(asset, int(price * 10**8))
    rows = [row for who, given in accounts().items() for row in given.rows(who)]
    load_accounts(market, rows, amounts="units", lender=named_address("lender"))
    return market


def bins(market: Market) -> dict[str, tuple[Decimal, int]]:
    """How much wstETH is in each bin, and how many accounts, by the health factors of the twin."""
    found = dict.fromkeys(EDGES, (Decimal(0), 0))
    factors = market.health_factors()
    for who, given in accounts().items():
        name = next(name for name, edge in EDGES.items() if factors[who] > Decimal(edge) * 10**18)
        amount, count = found[name]
        found[name] = (amount + given.wsteth, count + 1)
    return found


@pytest.mark.parametrize("rate", PUBLISHED)
def test_every_bin_is_within_one_per_cent_of_the_published_one(market: Market, rate: str) -> None:
    moment = market.chain.snapshot()
    market.set_price("wstETH", int(WSTETH_USD * Decimal(rate) * 10**8))
    found = bins(market)
    market.chain.revert_to(moment)
    assert sum(count for _, count in found.values()) == len(accounts()) == 124
    for name, published in zip(EDGES, map(Decimal, PUBLISHED[rate]), strict=True):
        assert abs(found[name][0] - published) <= published / 100, (rate, name, found[name], published)


def test_the_twelve_accounts_of_the_safest_bin_are_found_to_the_hundredth(market: Market) -> None:
    amount, count = bins(market)["A"]
    assert (round(amount, 2), count) == (Decimal("703.69"), 12)


def test_a_rate_apart_is_noticed(market: Market) -> None:
    """The table of one rate is not that of the next: the check can fail."""
    found = bins(market)
    wanted = dict(zip(EDGES, map(Decimal, PUBLISHED["0.99"]), strict=True))
    apart = [name for name, want in wanted.items() if abs(found[name][0] - want) > want / 100]
    assert apart == ["B+", "B", "B-", "C", "D"]
