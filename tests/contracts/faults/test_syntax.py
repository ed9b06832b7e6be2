"""Places in syntax trees, and edits at them: on a small contract of our own, whose tree is written by hand."""

from typing import Any

import pytest

from .edits import Edit, How, edited, left_out
from .syntax import Node, Place, PlaceError, Sources

TEXT = "contract Till { function pay() { if (due > 0) { ask(due); } give(due); } function pay(int x) {} }"
UNIT = "till.sol"


def node(kind: str, text: str, nth: int = 0, **more: Any) -> Node:
    """A node that covers the nth occurrence of a text."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(text, start + 1)
    return {"nodeType": kind, "src": f"{start}:{len(text)}:0", **more}


def call(name: str) -> Node:
    """A statement that calls something with one argument."""
    callee = node("Identifier", name, name=name, referencedDeclaration=7)
    argument = {"nodeType": "Identifier", "src": callee["src"], "name": "due"}
    expression = node("FunctionCall", f"{name}(due)", expression=callee, arguments=[argument])
    return node("ExpressionStatement", f"{name}(due)", expression=expression)


def small_sources() -> Sources:
    """One contract with two functions of one name."""
    condition = node(
        "BinaryOperation",
        "due > 0",
        operator=">",
        leftExpression=node("Identifier", "due", name="due"),
        rightExpression=node("Literal", "0", value="0"),
    )
    guarded = node("Block", "{ ask(due); }", statements=[call("ask")])
    check = node("IfStatement", "if (due > 0) { ask(due); }", condition=condition, trueBody=guarded)
    body = node("Block", TEXT[TEXT.index("{ if") : TEXT.index(" function pay(int")], statements=[check, call("give")])
    pay = node("FunctionDefinition", "function pay()", id=1, name="pay", parameters={"parameters": []}, body=body)
    other = node("FunctionDefinition", "function pay(int x) {}", id=2, name="pay", parameters={"parameters": [{}]})
    ask = node("FunctionDefinition", "ask", id=7, name="ask", parameters={"parameters": []}, visibility="internal")
    library = {"nodeType": "ContractDefinition", "id": 20, "name": "Asking", "contractKind": "library", "nodes": [ask]}
    till = {
        "nodeType": "ContractDefinition",
        "id": 10,
        "name": "Till",
        "contractKind": "contract",
        "nodes": [pay, other],
    }
    till["linearizedBaseContracts"], library["linearizedBaseContracts"] = [10], [20]
    return Sources({UNIT: {"nodes": [till, library]}}, {UNIT: TEXT})


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (left_out("Till", "pay/0", "give"), "{ ask(due); } true; }"),
        (left_out("Till", "pay/0", "ask", kind="IfStatement"), "{ {} give(due); }"),
        (Edit(Place("Till", "pay/0", "BinaryOperation", ">"), How.OPERATOR, " <= "), "if (due <= 0)"),
        (Edit(Place("Till", "pay/0", "Literal", "0"), How.INSTEAD, "9"), "due > 9"),
        (Edit(Place("Till", "pay/0", "ExpressionStatement", mentions="ask"), How.AFTER, " b();"), "ask(due); b(); }"),
        (Edit(Place("Till", "pay/0", "Identifier", "due", nth=0), How.BEFORE, "not "), "if (not due > 0)"),
        (Edit(Place("Till", "pay/0"), How.FIRST, " a();"), "{ a(); if"),
        (Edit(Place("Till", "pay/0"), How.LAST, "z(); "), "give(due); z(); }"),
    ],
    ids=lambda value: value.how.name if isinstance(value, Edit) else None,
)
def test_an_edit_writes_at_its_place_only(edit: Edit, expected: str) -> None:
    changed = edited(small_sources(), [edit])[UNIT]
    assert expected in changed
    assert changed.endswith(" function pay(int x) {} }")


def test_several_edits_of_one_unit_go_together() -> None:
    edits = [left_out("Till", "pay/0", "give"), Edit(Place("Till", "pay/0", "Literal", "0"), How.INSTEAD, "9")]
    assert edited(small_sources(), edits)[UNIT].startswith(
        "contract Till { function pay() { if (due > 9) { ask(due); } true;"
    )


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Place("Tills", "pay/0"), "no contract is called Tills"),
        (Place("Till", "pays"), "0 parts of Till are called pays"),
        (Place("Till", "pay"), "2 parts of Till are called pay, not one"),
        (Place("Till", "pay/0", "Identifier", "owed"), "Till.pay/0: Identifier 'owed': there are 0, and one is meant"),
        (Place("Till", "pay/0", "ExpressionStatement"), "there are 2, and one is meant"),
        (Place("Till", "pay/0", "ExpressionStatement", nth=2), "number 2: there are 2 of them"),
        (Place("Till", "pay/0", "ExpressionStatement", mentions="take"), "that mentions 'take': there are 0"),
    ],
    ids=str,
)
def test_a_place_that_is_not_one_place_is_an_error_that_names_it(place: Place, told: str) -> None:
    with pytest.raises(PlaceError, match=told.replace(".", r"\.")):
        edited(small_sources(), [Edit(place, How.INSTEAD, "")])


def test_edits_that_overlap_are_refused() -> None:
    edits = [left_out("Till", "pay/0", "ask", kind="IfStatement"), left_out("Till", "pay/0", "ask")]
    with pytest.raises(PlaceError, match="two edits change the same bytes"):
        edited(small_sources(), edits)


def test_what_an_edit_touches_is_whoever_inlines_it() -> None:
    sources = small_sources()
    assert sources.touched_by([Place("Asking", "ask")], ["Till", "Asking"]) == ["Till", "Asking"]
    assert sources.touched_by([Place("Till", "pay/1")], ["Till", "Asking"]) == ["Till"]
    sources.definitions[7][1]["visibility"] = "external"
    assert small_sources().touched_by([Place("Till", "pay/0")], ["Asking"]) == []
    assert sources.touched_by([Place("Asking", "ask")], ["Till", "Asking"]) == ["Asking"]
