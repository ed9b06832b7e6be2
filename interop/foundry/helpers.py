"""The helpers of a Foundry test, as text: private functions that a test holds itself, each only where it is called."""

from __future__ import annotations

from collections.abc import Sequence

CHEATS = {
    "getRecordedLogs": (
        "struct Log {\n    bytes32[] topics;\n    bytes data;\n    address emitter;\n}\n\n"
        "function getRecordedLogs() external returns (Log[] memory logs);"
    ),
    "recordLogs": "function recordLogs() external;",
    "loadAllocs": "function loadAllocs(string calldata path) external;",
    "chainId": "function chainId(uint256 id) external;",
    "warp": "function warp(uint256 time) external;",
    "roll": "function roll(uint256 number) external;",
    "label": "function label(address account, string calldata name) external;",
    "prank": "function prank(address sender, address origin) external;",
    "etch": "function etch(address account, bytes calldata code) external;",
    "store": "function store(address account, bytes32 slot, bytes32 word) external;",
    "load": "function load(address account, bytes32 slot) external view returns (bytes32 word);",
    "toString": (
        "function toString(uint256 value) external pure returns (string memory text);\n"
        "function toString(bytes32 value) external pure returns (string memory text);\n"
        "function toString(bytes calldata value) external pure returns (string memory text);"
    ),
}
"""Cheat codes of Foundry by name, as an interface declares them."""

HELPERS = {
    "send": """\
    function send(address sender, address to, bytes memory data) private {
        VM.prank(sender, sender);
        (ok, answer) = to.call(data);
    }""",
    "pay": """\
    function pay(address sender, address to, uint256 value, bytes memory data) private {
        VM.prank(sender, sender);
        (ok, answer) = to.call{value: value}(data);
    }""",
    "answered": """\
    function answered(bool wantedOk, bytes memory wanted, string memory told) private view {
        same(ok, answer, wantedOk, wanted, told);
    }""",
    "answers": """\
    function answers(address to, bytes memory data, bool wantedOk, bytes memory wanted, string memory told)
        private
        view
    {
        (bool did, bytes memory got) = to.staticcall(data);
        same(did, got, wantedOk, wanted, told);
    }""",
    "answersWord": """\
    function answersWord(address to, bytes memory data, uint256 place, uint256 wanted, string memory told)
        private
        view
    {
        (bool did, bytes memory got) = to.staticcall(data);
        require(did && got.length >= 32 * (place + 1), string.concat(REASON, told, " [here there is no answer]"));
        uint256 word;
        assembly {
            word := mload(add(got, mul(32, add(place, 1))))
        }
        require(word == wanted, string.concat(REASON, told, " [here ", VM.toString(word), "]"));
    }""",
    "holds": """\
    function holds(address account, uint256 slot, uint256 wanted, string memory told) private view {
        bytes32 word = VM.load(account, bytes32(slot));
        require(word == bytes32(wanted), string.concat(REASON, told, " [here ", VM.toString(word), "]"));
    }""",
    "emitted": """\
    function emitted(
        Vm.Log[] memory logs,
        uint256 place,
        address emitter,
        bytes memory topics,
        bytes memory data,
        string memory told
    ) private pure {
        bool equal = place < logs.length && logs[place].emitter == emitter;
        equal = equal && keccak256(abi.encodePacked(logs[place].topics)) == keccak256(topics);
        demand(equal && keccak256(logs[place].data) == keccak256(data), told);
    }""",
    "demand": """\
    function demand(bool condition, string memory told) private pure {
        require(condition, string.concat(REASON, told));
    }""",
    "same": """\
    function same(bool did, bytes memory got, bool wantedOk, bytes memory wanted, string memory told) private pure {
        bool equal = did == wantedOk && keccak256(got) == keccak256(wanted);
        string memory here = did ? " [here it answers " : " [here it reverts with ";
        require(equal, string.concat(REASON, told, here, VM.toString(got), "]"));
    }""",
}
"""Functions of a test by name."""

_CALLS = {"answered": ("same",), "answers": ("same",), "emitted": ("demand",)}


def needed(used: Sequence[str]) -> list[str]:
    """List the helpers that a test must hold for those that it calls, each once."""
    names = {*used, *(inner for name in used for inner in _CALLS.get(name, ()))}
    return [name for name in HELPERS if name in names]
