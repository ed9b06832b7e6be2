"""Every decision of every revision matters: given its neighbour's value, some recorded history no longer replays.

Mostly it is the corners that notice, which are acted out for this: `python -m tests.contracts.corners`, and around the
pool `python -m tests.contracts.periphery.corners`.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pooltwin.protocol.logic.terms import EarlierFlows
from pooltwin.protocol.recordings.recording import Record, Recording, RecordingError
from pooltwin.protocol.recordings.verification import Replay, verify
from pooltwin.protocol.releases.v3_0_2.release import V3_0_2
from pooltwin.protocol.revisions import REVISIONS, Revision, revision_named

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.jsonl.gz"))
"""Recorded with `tests/contracts` on the real contracts: views, upgrades and corners the bundled recordings lack."""
AROUND = sorted((Path(__file__).parent / "around").glob("*-corners-*.jsonl.gz"))
"""The corners of what stands around the pool, and those of a rollup's."""

UNSHOWN = {
    "3.2 check_stable_borrow of 3.0.2": "a stable rate was refused before, by `check_rate_mode`",
    "3.2 burn_liquidated_debt of 3.0.2": "burns stable debt where more is repaid than is owed otherwise",
    "3.2 price_to_borrow of 3.0.2": "from v3.2 on no category has a price source",
    "3.2 read_liquidation_prices of 3.0.2": "from v3.2 on no category has a price source",
    "3.2 contract:PriceOracleSentinel of 3.0.2": "shows only in the grace period after the sequencer is back",
    "3.2 contract:SequencerOracle of 3.0.2": "shows only in the grace period after the sequencer is back",
    "3.2 contract:VariableDebtTokenInstance of 3.0.2": "only its mock differs, which no history of v3.2 deploys",
    "3.4 a_token_supply of 3.5": "takes an index that overflows: `tests/unit/test_tokens.py`",
    "3.5 a_token_supply of 3.4": "takes an index that overflows: `tests/unit/test_tokens.py`",
    "3.2 known_borrower of 3.0.2": "takes a callback that changes the borrower: `tests/contracts/test_callbacks.py`",
}
"""Flips that no history shows, and why."""


CONTRACT = "contract:"
"""In front of the kind whose class is flipped."""

AROUND_THE_POOL = (
    "L2Encoder",
    "L2PoolInstance",
    "Library",
    "LiquidationDataProvider",
    "SettableMockAToken",
    "UiIncentiveDataProviderV3",
    "UiPoolDataProviderV3",
    "WalletBalanceProvider",
    "WrappedTokenGatewayV3",
)
"""Kinds that have histories of their own: `python -m tests.contracts.periphery.corners`."""


def _name(path: Path) -> str:
    return path.name.removesuffix(".jsonl.gz")


def decisions(revision: Revision) -> dict[str, Any]:
    """A revision's decisions by name: its fields, each of its contracts, and what only the flows until v3.4 ask for."""
    own = {field.name: getattr(revision, field.name) for field in fields(Revision)}
    own |= {CONTRACT + kind: cls for kind, cls in own.pop("contracts").items()}
    earlier = own.pop("earlier")
    del own["layouts"]  # of which no recording tells: the compiler does
    return own | ({field.name: getattr(earlier, field.name) for field in fields(EarlierFlows)} if earlier else {})


def flips() -> Iterator[str]:
    """Revision, field and neighbour of every value that differs between neighbours, as "3.6 deficits of 3.5".

    What v3.0.2 would do with the values of v3.2 is seen to in `tests/contracts/test_v3_0_2.py`.
    """
    for older, newer in pairwise(REVISIONS.values()):
        before, after = decisions(older), decisions(newer)
        for field in before.keys() & after.keys() - {"name"}:
            if before[field] != after[field]:
                yield f"{newer.name} {field} of {older.name}"
                if older is not V3_0_2:
                    yield f"{older.name} {field} of {newer.name}"


def _flipped(flip: str) -> Revision:
    revision, field, _, neighbour = flip.split(" ")
    record, other = REVISIONS[revision], revision_named(neighbour)
    value = decisions(other)[field]
    if field.startswith(CONTRACT):
        return replace(record, contracts={**record.contracts, field.removeprefix(CONTRACT): value})
    if field in EarlierFlows.__dataclass_fields__:
        assert record.earlier is not None
        return replace(record, earlier=replace(record.earlier, **{field: value}))
    return replace(record, **{field: value}, earlier=record.earlier or other.earlier)  # for a flow until v3.4 to ask


@cache
def _lines(path: Path) -> tuple[tuple[int, Record], ...]:
    """A history, read once for all flips."""
    return tuple(Recording(path))


def _is_noticed(path: Path, revision: Revision) -> bool:
    """Does a history stop replaying on a revision?"""
    replay = Replay(Recording(path))
    replay.chain.set_revision(revision)
    try:
        return any(replay.apply(number, line) is not None for number, line in _lines(path))
    except (RecordingError, AttributeError, AssertionError):  # the wrong decision does not even fit the others
        return True


def _histories_for(flip: str) -> list[Path]:
    """The histories in which what is flipped is there at all."""
    return AROUND if flip.split(" ")[1].removeprefix(CONTRACT) in AROUND_THE_POOL else HISTORIES


@pytest.mark.parametrize("path", HISTORIES, ids=_name)
def test_nothing_is_noticed_where_nothing_is_flipped(path: Path) -> None:
    result = verify(path)
    assert result.difference is None
    assert result.calls > 300


@pytest.mark.parametrize("flip", sorted({*flips()} - UNSHOWN.keys()))
def test_a_flip_is_noticed(flip: str) -> None:
    of_revision = [path for path in _histories_for(flip) if path.name.startswith(f"v{flip[:3]}-")]
    of_revision.sort(key=lambda path: "corners" not in path.name)
    assert any(_is_noticed(path, _flipped(flip)) for path in of_revision), "act out a corner that shows it"


@pytest.mark.parametrize("flip", UNSHOWN)
def test_what_has_a_reason_is_a_flip_and_not_noticed(flip: str) -> None:
    assert flip in flips()
    assert not any(_is_noticed(path, _flipped(flip)) for path in HISTORIES if path.name.startswith(f"v{flip[:3]}-c"))


def _same(value: Any, other: Any) -> bool:
    return value is other or value == other


def test_a_flip_changes_one_field() -> None:
    for flip in flips():
        revision, field, _, _ = flip.split(" ")
        wrong, right = decisions(_flipped(flip)), decisions(REVISIONS[revision])
        assert wrong.keys() >= right.keys()
        assert [name for name in right if not _same(wrong[name], right[name])] == [field]
