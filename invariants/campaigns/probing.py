"""The laws that try alternatives, asked of a market as it is; whatever they try is undone."""

from __future__ import annotations

from random import Random

from ..checks import Check
from ..law import Broken, Verdict, Violation
from ..monitor import Monitor
from ..reading.probe import Probe, probed


def run_probes(monitor: Monitor, seed: str) -> list[Violation]:
    """Ask every such law once. Returns what broke, which the monitor keeps too."""
    with monitor.looking_away():
        asked = [_ask(monitor, pair, seed) for pair in monitor.probes]
    found = [violation for violation in asked if violation is not None]
    monitor.violations.extend(found)
    return found


def probe_again(monitor: Monitor, law: str, seed: str) -> Violation | None:
    """Ask one such law once more with a seed; None where it holds, and for a law of another kind."""
    pair = next((pair for pair in monitor.probes if monitor.laws[pair[0]].id == law), None)
    if pair is None:
        return None
    with monitor.looking_away():
        return _ask(monitor, pair, seed)


def _judged(monitor: Monitor, pair: Check, seed: str) -> tuple[Probe, Verdict]:
    index, check = pair
    probe = Probe(monitor.census, Random(f"{seed}/{monitor.laws[index].id}"))
    with monitor.chain.judging():
        return probe, probed(check, probe)


def _ask(monitor: Monitor, pair: Check, seed: str) -> Violation | None:
    index, _ = pair
    probe, verdict = _judged(monitor, pair, seed)
    if type(verdict) is Broken and monitor.chain.copies_lacked_words():
        probe, verdict = _judged(monitor, pair, seed)
    return monitor.note_probe(index, verdict, probe, "", f"a probe seeded {seed!r}")
