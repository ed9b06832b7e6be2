"""How much a law-checked step on bytecode costs beside one of the twin, and where the time goes.

`python -m tests.bench.bytecode` plays the same episodes of a campaign on both in turns, all laws watching, so that what
else the machine does meets both alike; and each several times, of which the shortest counts, for others can only make
it longer. It needs v3.6's contracts, which are compiled from npm unless cached.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from time import process_time
from typing import Annotated, Any
from unittest.mock import patch

import typer
from pooltwin.interop.evm import chain as chains
from pooltwin.interop.evm.comparing import HiddenWords
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.revm import Revm
from pooltwin.interop.evm.sweeping import SeenWords
from pooltwin.interop.evm.wires import Wire
from pooltwin.invariants import CampaignOptions, standard_history
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.protocol.revisions import Revision
from rich.console import Console
from rich.table import Table

from tests.contracts.harness.artifacts import load_v3_6

RELEASE = "3.6"
PARTS: dict[str, tuple[Any, str]] = {
    "transactions in the EVM": (Revm, "message"),
    "views in the EVM": (Revm, "ask"),
    "views asked together": (Revm, "ask_by"),
    "words seen before, looked at again": (SeenWords, "sweep"),
    "words under keys that were named": (Wire, "look"),
    "events": (chains.EvmChain, "_events"),
    "all words compared": (HiddenWords, "unexplained"),
    "forks": (chains.EvmChain, "__deepcopy__"),
}
"""What is timed, as the method or function behind it."""


def play(engine: Revision | None, steps: int, number: int, probe_every: int) -> tuple[float, str]:
    """Play an episode. Returns seconds of processor time, and the digest at its end."""
    options = CampaignOptions(
        standard_history(RELEASE),
        steps=steps,
        episode_steps=steps,
        probe_every=probe_every,
        engine=engine,
        guided=False,
        stop_at_violation=False,
    )
    run = EpisodeRun(options, number)
    gc.collect()  # what earlier episodes left is not this one's
    began = process_time()
    result = run.run()
    seconds = process_time() - began
    if result.findings:
        raise RuntimeError(f"episode {number} broke {', '.join(finding.law for finding in result.findings)}")
    return seconds, run.stage.chain.digest()


def timed(spent: Counter[str], calls: Counter[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function that counts its calls and the seconds that they take."""

    def call(*args: Any, **kwargs: Any) -> Any:
        calls[name] += 1
        began = process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] += process_time() - began

    return call


def where_time_goes(engine: Revision, steps: int, number: int, probe_every: int) -> list[tuple[str, float, float]]:
    """Play an episode on bytecode, and tell of each part its share of the time, and the microseconds of one call.

    The watch is a part of all of them. The last part is all else, of one step.
    """
    spent: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    with ExitStack() as stack:
        for name, (where, attribute) in PARTS.items():
            stack.enter_context(patch.object(where, attribute, timed(spent, calls, name, getattr(where, attribute))))
        whole, _ = play(engine, steps, number, probe_every)
    rows = [(name, spent[name] / whole, 1e6 * spent[name] / max(calls[name], 1)) for name in PARTS]
    rest = whole - sum(spent.values())
    return [*rows, ("laws, the adversary, and all else", rest / whole, 1e6 * rest / steps)]


def main(
    steps: Annotated[int, typer.Option(help="Steps of an episode.")] = 2_000,
    rounds: Annotated[int, typer.Option(help="How many episodes are played on both.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often each is played on both; the shortest counts.")] = 3,
    probe_every: Annotated[int, typer.Option(help="Steps between two rounds of laws that try alternatives.")] = 250,
) -> None:
    """Measure both, and print steps a second, the ratio, and where the time goes."""
    engine = bytecode_engine(load_v3_6(), RELEASE)
    table = Table("episode", "twin, steps/s", "bytecode, steps/s", "ratio", "same end", title="Law-checked steps")
    ratios = []
    for number in range(rounds):
        played = [[play(each, steps, number, probe_every) for each in (None, engine)] for _ in range(repeats)]
        (twin, end), (real, real_end) = map(min, zip(*played, strict=True))
        ratios.append(real / twin)
        same = "yes" if end == real_end else "NO"
        table.add_row(str(number), f"{steps / twin:,.0f}", f"{steps / real:,.0f}", f"{real / twin:.2f}", same)
    console = Console()
    console.print(table)
    console.print(f"median ratio {median(ratios):.2f}")
    parts = Table("part of the time on bytecode", "share", "microseconds each")
    for name, share, each in where_time_goes(engine, steps, 0, probe_every):
        parts.add_row(name, f"{share:.0%}", f"{each:,.0f}")
    console.print(parts)


if __name__ == "__main__":
    typer.run(main)
