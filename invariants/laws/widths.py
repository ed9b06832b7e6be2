"""SOL-14: what is stored fits the width that Solidity declares for it."""

from __future__ import annotations

from ..law import Broken, Kind, Subject, Verdict, law
from ..reading.step import Step
from ..reading.widths import Span


@law(
    "SOL-14",
    "Every figure that a step stores in the pool, its configurator or a token of a reserve fits the width that "
    "Solidity declares for it.",
    kind=Kind.STATE,
    subject=Subject.STEP,
    source="A",
)
def stored_figures_fit(step: Step) -> Verdict:
    """Balances of users in 120 bits from v3.4 on, indexes, rates and amounts of a reserve in 128, times in 40."""
    fields, mappings = step.census.widths
    verdict: Verdict = None
    for identity, (where, written) in step.changes.items():
        span = mappings.get(identity)
        if span is not None:
            least, most = span
            for key in written:
                if not least <= where[key] <= most:
                    return _too_wide(where[key], span)
            verdict = True
            continue
        spans = fields.get(type(where))
        if spans is None:
            continue
        for name in written:
            span = spans.get(name)
            if span is not None:
                if not span[0] <= getattr(where, name) <= span[1]:
                    return _too_wide(getattr(where, name), span, name)
                verdict = True
    return verdict


def _too_wide(figure: int, span: Span, name: str = "entry of a mapping") -> Broken:
    limit = span[0] if figure < span[0] else span[1]
    return Broken(f"{name}, the last figure that fits, must not be beyond", figure, limit)
