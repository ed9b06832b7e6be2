"""The scenario that a new file begins with: it runs as it is, and shows most of what a file can say."""

from __future__ import annotations

import json
from typing import Any

from .scenario import FORMAT

TITLE = "ETH falls by 38% in six hours: who sells, who is liquidated, who can leave?"
STARTING: dict[str, Any] = {
    "format": FORMAT,
    "title": TITLE,
    "market": "ethereum-core-2026-02",
    "reserves": ["WETH", "wstETH", "USDC"],
    "start": "2026-02-05T00:00:00Z",
    "duration_s": 43_200,
    "seed": 1,
    "prices": {
        "WETH": {
            "path": {
                "kind": "bridge",
                "candle_s": 10_800,
                "step_s": 60,
                "candles": [
                    {"open": "2239", "high": "2260", "low": "1990", "close": "2010"},
                    {"open": "2010", "high": "2040", "low": "1380", "close": "1430"},
                    {"open": "1430", "high": "1720", "low": "1410", "close": "1700"},
                    {"open": "1700", "high": "1880", "low": "1680", "close": "1870"},
                ],
            },
            "oracle": [{"kind": "deviation", "deviation_bps": 50, "heartbeat_s": 3_600}],
        },
        "wstETH": {
            "path": {"kind": "follows", "asset": "WETH", "ratio": "1.2258"},
            "oracle": [{"kind": "deviation", "deviation_bps": 50, "heartbeat_s": 3_600}],
        },
    },
    "venues": {"WETH": {"kind": "constant_product", "depth_2pct_usd": 60_000_000, "half_life_s": 3_600}},
    "agents": [
        {"kind": "lender", "name": "those who stay", "supplies": {"USDC": 95_000_000, "WETH": 20_000}},
        {"kind": "runner", "name": "a lender who runs", "supplies": {"USDC": 25_000_000}, "leaves_below": 2},
        {
            "kind": "looper",
            "name": "looper",
            "count": 5,
            "collateral": "WETH",
            "own": 6_000,
            "debts": {"USDC": 1},
            "target_leverage": "2.2",
        },
        {"kind": "deleverager", "name": "seller", "acts_for": "looper 1", "collateral": "WETH", "delay_blocks": 25},
        {"kind": "liquidator", "name": "with money", "capital": {"USDC": 10_000_000}, "latency_blocks": 1},
        {"kind": "liquidator", "name": "with flash loans", "funding": "flash loan", "latency_blocks": 2},
    ],
    "measure": {"every_s": 600},
    "laws": "end",
}


def template(title: str = "") -> str:
    """Write the scenario as the text of a file, under another title if one is given."""
    data = STARTING | ({"title": title} if title else {})
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
