"""Storage that can be undone, against a model that copies everything."""

import copy
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pooltwin.protocol.state.records import EModeCategory, Reserve
from pooltwin.protocol.state.storage import Journal, Ledger, RecordMap

KEYS = st.sampled_from(["a", "b", "c", "d"])
FIELDS = st.sampled_from([name for name in EModeCategory.FIELDS if name not in ("label", "isolated")])
VALUES = st.integers(0, 5)


class Undo(RuleBasedStateMachine):
    """Random writes, snapshots and unwinding; the model is a deep copy for each snapshot."""

    @initialize()
    def begin(self) -> None:
        self.journal = Journal()
        self.ledger: Ledger[str, int] = Ledger(self.journal, 0)
        self.records: RecordMap[str, EModeCategory] = RecordMap(self.journal, EModeCategory)
        self.record = EModeCategory(self.journal)
        self.model: dict[str, Any] = {"ledger": {}, "records": {}, "record": dict.fromkeys(FIELDS_OF_RECORD, 0)}
        self.snapshots: list[tuple[int, dict[str, Any]]] = []

    @rule(key=KEYS, value=VALUES)
    def write_ledger(self, key: Any, value: int) -> None:
        self.ledger[key] = value
        self.model["ledger"][key] = value

    @rule(field=FIELDS, value=VALUES)
    def write_record(self, field: Any, value: int) -> None:
        setattr(self.record, field, value)
        self.model["record"][field] = value

    @rule(key=KEYS, field=FIELDS, value=VALUES)
    def write_record_in_map(self, key: Any, field: Any, value: int) -> None:
        setattr(self.records[key], field, value)
        self.model["records"].setdefault(key, dict.fromkeys(FIELDS_OF_RECORD, 0))[field] = value

    @rule(key=KEYS)
    def only_read(self, key: Any) -> None:
        position = self.journal.position()
        assert self.ledger[key] == self.model["ledger"].get(key, 0)
        assert self.records[key].ltv == self.model["records"].get(key, {}).get("ltv", 0)
        assert self.journal.position() == position  # reading leaves nothing to undo

    @rule()
    def snapshot(self) -> None:
        self.snapshots.append((self.journal.position(), copy.deepcopy(self.model)))

    @precondition(lambda self: self.snapshots)
    @rule(data=st.data())
    def unwind(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.snapshots) - 1))
        position, self.model = self.snapshots[index]
        del self.snapshots[index:]
        kept = self.record, self.ledger, {key: self.records[key] for key in self.records}
        self.journal.unwind(position)
        assert self.journal.position() == position
        # References into the state stay good: nothing is replaced.
        assert (self.record, self.ledger) == kept[:2]
        assert all(self.records[key] is record for key, record in kept[2].items())

    @precondition(lambda self: self.snapshots)
    @rule(data=st.data())
    def touched_tells_the_old_values(self, data: st.DataObject) -> None:
        position, model = data.draw(st.sampled_from(self.snapshots))
        old = {(id(where), key): value for where, key, value in self.journal.touched(position)}
        for key, value in self.model["ledger"].items():
            if value != model["ledger"].get(key, 0):
                assert (id(self.ledger), key) in old
        for name, value in model["record"].items():
            assert old.get((id(self.record), name), getattr(self.record, name)) == value

    @invariant()
    def equals_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        written = {key: value for key, value in self.model["ledger"].items() if value}
        assert self.ledger.written() == written
        assert {name: getattr(self.record, name) for name in FIELDS_OF_RECORD} == self.model["record"]
        expected = {key: fields for key, fields in self.model["records"].items() if any(fields.values())}
        actual = {
            key: {name: getattr(record, name) for name in FIELDS_OF_RECORD}
            for key, record in self.records.written().items()
        }
        assert actual == expected


FIELDS_OF_RECORD = [name for name in EModeCategory.FIELDS if name not in ("label", "isolated")]
TestUndo = Undo.TestCase
TestUndo.settings = settings(max_examples=60, stateful_step_count=30)


def test_a_ledger_reads_as_its_default_and_does_not_remember_reading() -> None:
    ledger: Ledger[str, int] = Ledger(Journal(), 7)
    assert ledger["nobody"] == 7
    assert "nobody" not in ledger
    assert ledger.written() == {}


def test_writing_the_default_is_not_a_difference() -> None:
    ledger: Ledger[str, int] = Ledger(Journal(), 0)
    ledger["a"] = 0
    assert ledger.written() == {}


@pytest.mark.parametrize(
    "mutate",
    [
        lambda ledger: ledger.update({"a": 1}),
        lambda ledger: ledger.pop("a"),
        lambda ledger: ledger.popitem(),
        lambda ledger: ledger.clear(),
        lambda ledger: ledger.setdefault("b", 1),
        lambda ledger: ledger.__ior__({"b": 1}),
        lambda ledger: ledger.__delitem__("a"),
    ],
    ids=["update", "pop", "popitem", "clear", "setdefault", "ior", "del"],
)
def test_a_ledger_refuses_what_it_cannot_undo(mutate: Any) -> None:
    ledger: Ledger[str, int] = Ledger(Journal(), 0)
    ledger["a"] = 1
    with pytest.raises(TypeError, match=r"ledger|storage slot"):
        mutate(ledger)
    assert dict(ledger) == {"a": 1}


def test_copies_share_nothing() -> None:
    journal, other = Journal(), Journal()
    ledger: Ledger[str, int] = Ledger(journal, 0)
    ledger["a"] = 1
    records: RecordMap[str, Reserve] = RecordMap(journal, Reserve)
    records["r"].deficit = 5
    ledger_copy, records_copy = ledger.copy_to(other), records.copy_to(other)
    ledger["a"], records["r"].deficit = 2, 6
    assert (ledger_copy["a"], records_copy["r"].deficit) == (1, 5)
    ledger_copy["a"], records_copy["r"].deficit = 3, 7
    assert (ledger["a"], records["r"].deficit) == (2, 6)
    other.unwind(0)
    assert (ledger_copy["a"], records_copy["r"].deficit) == (1, 5)
    assert (ledger["a"], records["r"].deficit) == (2, 6)


def test_delete_zeroes_a_struct_and_can_be_undone() -> None:
    journal = Journal()
    reserve = Reserve(journal)
    for number, name in enumerate(Reserve.FIELDS, 1):
        setattr(reserve, name, number)
    position = journal.position()
    reserve.delete()
    zero = "0x" + "00" * 20
    fields = {name: getattr(reserve, name) for name in Reserve.FIELDS}
    assert fields == {name: zero if name in Reserve.ADDRESSES else 0 for name in Reserve.FIELDS}
    journal.unwind(position)
    assert [getattr(reserve, name) for name in Reserve.FIELDS] == list(range(1, len(Reserve.FIELDS) + 1))


def test_reading_a_struct_that_was_never_written_is_no_difference() -> None:
    """Not even of a struct whose zero is not falsy: an address is a string."""
    reserves: RecordMap[str, Reserve] = RecordMap(Journal(), Reserve)
    assert reserves["nobody"].deficit == 0
    assert reserves.written() == {}
    reserves["somebody"].deficit = 1
    assert list(reserves.written()) == ["somebody"]
    reserves["somebody"].delete()
    assert reserves.written() == {}
