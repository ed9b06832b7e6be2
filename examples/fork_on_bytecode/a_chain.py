"""Stands for a chain on which the fork runs: deploys it, has people lend and borrow, dumps the state as anvil does.

    python a_chain.py

writes dump.json, and people.txt with the lenders, whom storage names by hashes only.
"""

import json
from dataclasses import replace
from pathlib import Path

from pooltwin.invariants import Action, standard_history

ENGINE = "bytecode:3.6:artifacts.json:layout.json:PoolInstance=EarningsPool"
BORROWING = (
    Action("bob", "pool", "borrow", ("USDC", 10**12, 2, 0, "bob")),
    Action.wait(86_400),
    Action("carol", "pool", "supply", ("USDC", 10**9, "carol", 0)),
)


def main() -> None:
    """Write both files."""
    stage = replace(standard_history("3.6"), engine=ENGINE).stage()
    for action in BORROWING:
        stage.perform(action)
    chain = stage.market.chain
    block = {"number": chain.number, "timestamp": chain.time}
    accounts = chain.alloc()
    Path("dump.json").write_text(json.dumps({"block": block, "accounts": accounts}))
    Path("people.txt").write_text("\n".join(stage.address_of(name) for name in stage.actors))
    print(f"dump.json: {len(accounts)} accounts, people.txt: {len(stage.actors)} people")


main()
