"""DEFECTS.md: what later releases fixed, as campaigns found it. Generated from the list and the hunt's results."""

from __future__ import annotations

from typing import Any

from pooltwin.fixtures import read_json

from ..catalogue import all_laws
from .catalogue import DEFECTS, NEWEST, OLD, OTHER_RULES, Defect, Symptom, explained
from .hunt import EPISODE_STEPS, LENGTHY, LONGER
from .profit.page import combinations_section, combined_cost
from .profit.results import ProfitResults, read_profit
from .results import Results
from .story import Story, standard_stage

RELEASES = (*OLD, NEWEST)

Judged = dict[str, dict[str, Any]]
"""What recordings came to, by name: `Judgement.to_json`."""

BLIND = (
    (
        "isolation mode, debt ceilings, siloed borrowing, the price-oracle sentinel (until v3.6)",
        "no asset of the "
        "standard market uses them, and no law speaks of them; the recordings and the lockstep with the bytecode do",
    ),
    ("the unbacked bridge (until v3.3)", "claims without liquidity are its purpose; the standard market has no bridge"),
    ("a superfluous event when repaying with aTokens that were no collateral (v3.2)", "no law counts such events"),
    ("GHO as a reserve without virtual balance (until v3.3)", "the twin leaves it out"),
)
"""Differences of old releases that these campaigns cannot see, and why."""


def defects_page(results: Results, profit: ProfitResults | None = None) -> str:
    """Write the page as Markdown. Combinations are those that ship, unless others are given."""
    profit = profit or read_profit()
    parts = [_head(results), _overview(results, profit), *(_defect(defect, results) for defect in DEFECTS)]
    return "\n".join([*parts, combinations_section(profit), _other_rules(results), _blind(), _recordings()])


def _head(results: Results) -> str:
    steps = ", ".join(f"v{hunt.revision}" for hunt in results.hunts)
    return f"""# Defects that later releases fixed

The real revisions are mutants too. Each old release ({steps}) was attacked at random for
{results.budget:,} steps, in episodes of {EPISODE_STEPS} from seed {results.seed}, and held to the laws of v{NEWEST}
instead of its own. The adversary is the one of `pooltwin fuzz` and knows nothing of the defects. Where a law broke, the
history was shrunk to the smallest story that still breaks it in the same kind of call, and that breaks it no more on
the release that fixed the defect. What {results.budget:,} steps had not met was sought further, up to {LONGER:,}
steps, with its laws alone watching, and so was a briefer story where one had more than {LENGTHY} actions. Made by

```
pooltwin defects --output invariants
```

which also writes `invariants/defect_results.json`; a test replays every story on both releases. A single law is sought
by hand with `pooltwin fuzz --revision 3.5 --judged-by 3.7 --laws LIQ-12`.

Costs are the worst met in the campaigns, in one step, at the standard market's opening prices unless it is said
otherwise. In that market everybody has a billion of every token, so absolute figures say how a loss scales, not what
any real market lost.
"""


def _overview(results: Results, profit: ProfitResults) -> str:
    lines = ["| defect | lives in | fixed in | laws | costs lenders, at worst |", "|---|---|---|---|---|"]
    for defect in DEFECTS:
        laws = ", ".join(dict.fromkeys(symptom.law for symptom in defect.symptoms))
        costs = "; ".join(filter(None, (_worst(defect, results), combined_cost(profit, defect.id))))
        cells = (f"[{defect.id}](#{defect.id})", _span(defect.lives), f"v{defect.fixed}", laws, costs)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _span(lives: tuple[str, ...]) -> str:
    return f"v{lives[0]}" if len(lives) == 1 else f"v{lives[0]} to v{lives[-1]}"


def _worst(defect: Defect, results: Results) -> str:
    costs = results.costs_of(defect.id)
    return costs[0].cost.words if defect.measure and costs else "nothing"


def _defect(defect: Defect, results: Results) -> str:
    stories = results.stories_of(defect.id)
    also = [law for law in defect.also if any(hunt.broken[law] for hunt in results.hunts)]
    lines = [f"## {defect.id}", "", defect.statement, "", f"- lives in {_span(defect.lives)}, fixed in v{defect.fixed}"]
    lines.append(f"- laws: {', '.join(dict.fromkeys(symptom.law for symptom in defect.symptoms))}" + _also(also))
    lines += [f"- cost: {_cost(defect, results)}", ""]
    for symptom in defect.symptoms:
        lines += _symptom(symptom, [story for story in stories if story.symptom == symptom])
    for hunt in results.hunts:
        gone = [symptom.law for name, symptom in hunt.missed if name == defect.id]
        if gone:
            lines += [
                f"Not found on v{hunt.revision} in {max(hunt.steps, hunt.searched):,} steps: {', '.join(gone)}.",
                "",
            ]
    return "\n".join(lines)


def _also(laws: list[str]) -> str:
    return f"; also broken by it: {', '.join(laws)}" if laws else ""


def _cost(defect: Defect, results: Results) -> str:
    costs = results.costs_of(defect.id)
    if not defect.measure:
        return f"lenders lose nothing. {defect.cost}"
    if not costs:
        return f"none was measured. {defect.cost}"
    worst = costs[0]
    return f"{worst.cost.words} (v{worst.revision}, episode {worst.seed}, step {worst.step:,}). {defect.cost}"


def _symptom(symptom: Symptom, stories: list[Story]) -> list[str]:
    if not stories:
        return []
    told = min(stories, key=lambda story: len(story.actions))
    where = " or ".join(f"`{call}`" for call in symptom.calls) or "a probe"
    found = "; ".join(
        f"v{story.revision} at step {story.step:,}, episode {story.seed}, {len(story.actions)} actions"
        for story in stories
    )
    tale = [f"{number}. {action}" for number, action in enumerate(told.actions)]
    return [
        f"**{symptom.law}** in {where}. Found on {found}. On v{told.revision}:",
        "",
        "```",
        *tale,
        f"=> {readable(told)}",
        "```",
        "",
    ]


def readable(story: Story) -> str:
    """Tell how a story's law breaks, with names for addresses."""
    text = story.violation.partition("\n")[0]
    for where, name in standard_stage(story.revision).names.items():
        text = text.replace(f"'{where}'", name).replace(where, name)
    return text


def _other_rules(results: Results) -> str:
    lines = [
        "## Other rules, not defects",
        "",
        "Laws of the newest release that old ones break because they meant it so:",
        "",
    ]
    for rule in OTHER_RULES:
        broken = [law for law in rule.laws if any(hunt.broken[law] for hunt in results.hunts)]
        lines.append(f"- {', '.join(broken)} ({_span(rule.lives)}): {rule.reason}")
    strange = [
        f"{law} on v{hunt.revision}"
        for hunt in results.hunts
        for law in hunt.broken
        if not explained(law, hunt.revision)
    ]
    return "\n".join([*lines, "", f"Broken and not explained by anything above: {', '.join(strange) or 'none'}.", ""])


def _blind() -> str:
    lines = ["## What these campaigns cannot see", ""]
    return "\n".join([*lines, *(f"- {what}: {why}" for what, why in BLIND), ""])


def _recordings() -> str:
    judged: Judged = read_json("recordings/judged.json")
    columns = ("SOL-1", "SOL-5", "SOL-8", "IDX-1", "RAT-2", "FLG-1", "FLG-2")
    lines = [
        "## What the recordings say",
        "",
        "The recordings that ship are histories of the real contracts. `pooltwin laws --shipped` replays them with",
        "every law watching. A *state* here is one reserve, or one user, at one of the read-outs that a recording has",
        "every fifty steps, looked at by itself, with zero tolerance: the same deficiency counts again at every",
        "read-out until it is gone, and what comes and goes in between is not counted. The other table judges every",
        "step, as a campaign does.",
        "",
        "| | " + " | ".join(f"v{revision}" for revision in RELEASES) + " |",
        "|---|" + "---|" * len(RELEASES),
    ]
    rows = [("recordings", [str(len(_of(judged, revision))) for revision in RELEASES])]
    for name, label in (("reserves", "reserve states read"), ("users", "user states read")):
        rows.append((label, [f"{_sum(judged, revision, name):,}" for revision in RELEASES]))
    rows += [(f"{law}, failures", [f"{_sum(judged, revision, law):,}" for revision in RELEASES]) for law in columns]
    slacks = [
        ", ".join(str(each["worst slack"]) for each in _of(judged, rev) if each["worst slack"]) for rev in RELEASES
    ]
    rows.append(("SOL-1, worst slack of each recording", [slack or "0" for slack in slacks]))
    lines += [f"| {label} | " + " | ".join(cells) + " |" for label, cells in rows]
    return "\n".join([*lines, "", *_broken_in_recordings(judged)])


def _broken_in_recordings(judged: Judged) -> list[str]:
    """Count step by step how often the laws of each release itself broke, and give the worst figures."""
    laws = [law.id for law in all_laws() if any(law.id in found["broken"] for found in judged.values())]
    lines = [
        "Step by step, by the laws of each release itself; all of it is known of the release:",
        "",
        "| law | " + " | ".join(f"v{revision}" for revision in RELEASES) + " | furthest apart |",
        "|---|" + "---|" * (len(RELEASES) + 1),
    ]
    for law in laws:
        counts = [_violations(judged, revision, law) for revision in RELEASES]
        lines.append(f"| {law} | " + " | ".join(f"{count:,}" for count in counts) + f" | {_furthest(judged, law)} |")
    return [*lines, ""]


def _violations(judged: Judged, revision: str, law: str) -> int:
    return sum(found["broken"][law]["violations"] for found in _of(judged, revision) if law in found["broken"])


def _furthest(judged: Judged, law: str) -> str:
    """Find the worst of a law's figures over all recordings; empty where its figures are no numbers."""
    found = [(name, each["broken"][law]["worst"]) for name, each in judged.items() if law in each["broken"]]
    gaps = [(int(worst.rpartition(", by ")[2]), name, worst) for name, worst in found if ", by " in worst]
    return f"{max(gaps)[2].removeprefix(': ')} ({max(gaps)[1]})" if gaps else ""


def _of(judged: Judged, revision: str) -> list[dict[str, Any]]:
    return [found for name, found in judged.items() if name.startswith(f"v{revision}-")]


def _sum(judged: Judged, revision: str, key: str) -> int:
    return sum(found["states"][key] for found in _of(judged, revision))
