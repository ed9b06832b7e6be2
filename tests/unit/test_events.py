"""Events: topics and data as the EVM would log them, equality, immutability."""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol import events
from pooltwin.protocol.events import EVENTS, Log, data_of, topics_of

from .test_abi import values_of

CLASSES = sorted({cls for classes in EVENTS.values() for cls in classes}, key=lambda cls: cls.__name__)


def _reference(cls: Any, values: Any) -> Any:
    topics, plain = [keccak(cls.signature.encode())], []
    for kind, indexed, value in zip(cls.kinds, cls.indexed, values, strict=True):
        if not indexed:
            plain.append((kind, value))
        elif kind in ("string", "bytes"):
            topics.append(keccak(value.encode("utf-8", "surrogateescape")))
        else:
            topics.append(encode([kind], [value]))
    return topics, encode([kind for kind, _ in plain], [value for _, value in plain])


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_topics_and_data(cls: Any, data: st.DataObject) -> None:
    entry = cls(*[data.draw(values_of(kind)) for kind in cls.kinds])
    topics, plain = _reference(cls, entry)
    assert topics_of(entry) == topics
    assert data_of(entry) == plain
    log = Log("0x" + "12" * 20, entry)
    assert (log.topics, log.data) == (topics, plain)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_event_is_frozen_and_documented_by_its_fields(cls: Any) -> None:
    entry = cls(*range(len(cls._fields)))
    with pytest.raises(AttributeError):
        setattr(entry, cls._fields[0], 1)
    assert len(cls._fields) == len(cls.kinds) == len(cls.indexed)
    assert sum(cls.indexed) <= 3


def test_equality_includes_the_type() -> None:
    address = "0x" + "12" * 20
    enabled: Any = events.ReserveUsedAsCollateralEnabled(address, address)
    disabled = events.ReserveUsedAsCollateralDisabled(address, address)
    assert tuple(enabled) == tuple(disabled)
    assert enabled != disabled
    assert not enabled == disabled  # noqa: SIM201 - both operators are overridden
    assert enabled == events.ReserveUsedAsCollateralEnabled(address, address)
    assert len({enabled, disabled, events.ReserveUsedAsCollateralEnabled(address, address)}) == 2
    assert enabled != (address, address)


def test_a_declaration_must_match_its_fields() -> None:
    with pytest.raises(TypeError, match="has 2 fields"):
        events.event("Odd(uint256)")(events.ReserveUsedAsCollateralEnabled)
