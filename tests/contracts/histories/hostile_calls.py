"""Hostile calls in random histories: any function with any arguments from any sender, and malformed calldata.

Views belong here too: they are called with the same wild arguments.
"""

from typing import Any

from eth_utils.abi import collapse_if_tuple

from ..harness.calldata import UNMODELLED
from ..harness.evm import argument_types, calldata
from ..harness.releases import STRATEGY_OF_ASSET
from ..harness.world import EDGES, KINDS, PROXY_ADMIN_CALLS, Call, World
from .admin_calls import ROLE_IDS


def view(w: World) -> Call:
    """Any view of any contract."""
    label, kind = _contract(w)
    views = [e for e in w.recorder.chain.artifacts[kind].functions.items() if _is_view(e[1])]
    signature, entry = w.pick(views)
    return Call(w.user(), label, signature, _arguments(w, entry))


def wrong_caller(w: World) -> Call:
    """Any function that changes something, from somebody who is rarely entitled to."""
    label, kind = _contract(w)
    functions = [e for e in _functions(w, kind) if not _is_view(e[1])]
    if not functions:
        return view(w)
    signature, entry = w.pick(functions)
    return Call(w.user(), label, signature, _arguments(w, entry))


def proxy_admin(w: World) -> Call:
    """A call that only a proxy's admin may make; from others it goes to the implementation, which does not know it."""
    label = w.pick(("pool", "configurator", f"a{w.symbol()}", f"v{w.symbol()}"))
    signature = w.pick(PROXY_ADMIN_CALLS)
    arguments = tuple(w.recorder.address("pool_impl") if t == "address" else b"" for t in argument_types(signature))
    return Call(w.sender(), label, signature, arguments)


def malformed(w: World) -> None:
    """Calldata cut short, too long, with dirty padding, wild offsets or an unknown selector; sent as it is."""
    label, kind = _contract(w)
    signature, entry = w.pick(_functions(w, kind))
    data = bytearray(calldata(signature, *_arguments(w, entry)))
    shape = w.rng.randrange(5)
    if shape == 0:
        data = data[: w.rng.randrange(len(data) + 1)]
    elif shape == 1:
        data += w.rng.randbytes(w.rng.randrange(1, 70))
    elif shape == 2 and len(data) > 4:
        data[4 + 32 * w.rng.randrange((len(data) - 4) // 32)] = w.rng.randrange(1, 256)
    elif shape == 3 and len(data) > 4:
        data[w.rng.randrange(4, len(data))] ^= 1 << w.rng.randrange(8)
    else:
        data[: w.rng.randrange(5)] = w.rng.randbytes(4)
    w.recorder.transact_raw(w.user(), label, signature, bytes(data))


def _contract(w: World) -> tuple[str, str]:
    """Label and kind of some contract of the market; tokens of the reserves as often as all others together."""
    if w.chance(0.5):
        prefix, kind = w.pick((("a", "ATokenInstance"), ("v", "VariableDebtTokenInstance"), ("", "TestnetERC20")))
        return f"{prefix}{w.symbol()}", kind
    label = w.pick(("pool", "pool", "pool", "configurator", *KINDS))
    if KINDS[label] not in w.recorder.chain.artifacts:
        return f"irs_{w.symbol()}", STRATEGY_OF_ASSET
    return label, KINDS[label]


def _functions(w: World, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """The functions of a contract that a history may call."""
    return [e for e in w.recorder.chain.artifacts[kind].functions.items() if e[0] not in UNMODELLED]


def _is_view(entry: dict[str, Any]) -> bool:
    return entry["stateMutability"] in ("view", "pure")


def _arguments(w: World, entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(_value(w, parameter) for parameter in entry["inputs"])


def _value(w: World, parameter: dict[str, Any]) -> Any:
    """A value of the parameter's type; an address suits the parameter's name in most cases."""
    kind: str = parameter["type"]
    if kind.endswith("[]"):
        return [_value(w, {**parameter, "type": kind[:-2]}) for _ in range(w.rng.randrange(4))]
    if kind == "tuple":
        return tuple(_value(w, component) for component in parameter["components"])
    if kind == "address":
        names_token = any(word in parameter["name"].lower() for word in ("asset", "token", "reserve", "underlying"))
        return w.asset() if names_token and w.chance(0.9) else w.anyone()
    if kind.startswith("uint"):
        return _unsigned(w, int(kind.removeprefix("uint")))
    if kind == "bool":
        return w.chance(0.5)
    if kind.startswith("bytes") and kind != "bytes":
        return _fixed_bytes(w, int(kind.removeprefix("bytes")))
    if kind == "bytes":
        return w.rng.randbytes(w.pick((0, 4, 31, 32, 128)))
    if kind == "string":
        return w.pick(("", "name", "a string of more than thirty-two bytes, to need a second word"))
    raise ValueError(f"no random value for {collapse_if_tuple(parameter)} {parameter['name']}")


def _unsigned(w: World, bits: int) -> int:
    top = (1 << bits) - 1
    if bits > 16 and w.chance(0.6):
        return min(top, w.worth(w.symbol()))
    if w.chance(0.6):
        return w.rng.randrange(10)
    return w.pick([edge for edge in EDGES if edge < top] + [top])


def _fixed_bytes(w: World, size: int) -> bytes:
    if size == 32 and w.chance(0.7):
        values = w.read("acl", f"{w.pick(ROLE_IDS)}_ROLE()", ["bytes32"])
        return values[0] if values and w.chance(0.5) else w.pick((b"POOL", b"PRICE_ORACLE", b"")).ljust(32, b"\0")
    return w.pick((bytes(size), w.rng.randbytes(size), bytes.fromhex("01ffc9a7").ljust(size, b"\0")[:size]))
