"""All words of the EVM compared with what is known of them: words that no variable explains are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.evm_storage.places import Holding, KnownKeys
from pooltwin.protocol.evm_storage.raw import known_keys

from .actors import RUNNER
from .own_contracts import OwnCompiled, own_on
from .terms import BytecodeChain
from .wires import STRING_TAIL, Wire

COMPARED_AFTER = 500
"""All words are compared again when so many transactions have taken effect."""
TRUSTED_FOR = 4 * COMPARED_AFTER
"""For so many transactions after all words were found known, none that is not is looked for to try a copy."""


class UnexplainedWord(NamedTuple):
    """A word that the contracts wrote and that no variable and no known key explain."""

    where: Address
    contract: str
    """The kind of the contract; empty where it is none of the market's."""
    slot: int
    word: int
    """The whole word, or the bits of it that belong to no variable."""
    near: str
    """Where in the storage it lies: how far behind which variable, or of which mapping."""

    def __str__(self) -> str:
        what = self.contract or "an account that is no contract of the market"
        place = f", {self.near}" if self.near else ""
        return f"{self.word:#x} in slot {self.slot:#x} of {what} at {self.where}{place}"


class HiddenWords:
    """The words that nobody knows of: when they were looked for last, and what was found."""

    __slots__ = (
        "_all_known_at",
        "_chain",
        "_compared_at",
        "_copied_unlisted",
        "_exist",
        "_listed",
        "given",
        "transactions",
    )

    def __init__(self, chain: BytecodeChain) -> None:
        self._chain = chain
        self.transactions = 0
        """How many took effect, without those that were only tried."""
        self._compared_at = self._all_known_at = -TRUSTED_FOR
        """After how many every word was explained last, and after how many there was none that nobody knows of."""
        self._exist = self._copied_unlisted = False
        """Were there any when they were looked for last? Was the chain copied for a law without looking for them?"""
        self.given: dict[Address, dict[int, int]] = {}
        """Those that this chain began with, as a copy of another: an EVM lists only words that were read or written."""
        self._listed: tuple[Any, dict[Address, dict[int, int]]] | None = None
        """After which transaction they were listed last, and they."""

    def forget(self) -> None:
        """List them anew: something was put on the chain outside of a transaction, or undone."""
        self._listed = None

    def unexplained(self, *, at_once: bool) -> list[UnexplainedWord]:
        """List words that nothing explains; not `at_once`, only if it was not done a few hundred transactions ago."""
        if not at_once and self.transactions - self._compared_at < COMPARED_AFTER:
            return []
        chain = self._chain
        chain.bring_up_to_date()
        found = unexplained_words(chain)
        chain.pushed.to_here()
        if not (found or self.given or chain.own or chain.strangers or chain.snapshots_are_kept):
            chain.evm.renew(chain.seen.held())
        self._exist |= bool(found)
        self._compared_at = self._all_known_at = self.transactions - (TRUSTED_FOR if found else 0)
        return found

    def to_copy(self, *, tried: bool) -> dict[Address, dict[int, int]]:
        """List those that a copy needs; a copy that is only tried trusts that there are none where none was found."""
        if tried and self.transactions - self._all_known_at < TRUSTED_FOR and not self._exist:
            self._copied_unlisted = True
            return {}
        if self._listed is None or self._listed[0] is not self._chain.receipt:
            self._listed = self._chain.receipt, self._list()
            if not any(self._listed[1].values()):
                self._all_known_at = self.transactions
        return self._listed[1]

    def nothing_copied(self) -> None:
        """Say that a law begins, which has made no copy yet."""
        self._copied_unlisted = False

    def trust_as(self, original: HiddenWords) -> None:
        """Trust a copy, to which all words were given, as far as what it was made of."""
        self._all_known_at = self.transactions - (original.transactions - original._all_known_at)

    def _list(self) -> dict[Address, dict[int, int]]:
        listed = hidden_words(self._chain)
        for where, slots in self.given.items():
            listed.setdefault(where, {}).update((slot, self._chain.evm.storage(where, slot)) for slot in slots)
        return listed

    def copies_lacked_words(self) -> bool:
        """Has the last law made such a copy while there were such words? No more is made then."""
        unlisted, self._copied_unlisted = self._copied_unlisted, False
        if unlisted:
            self._exist = any(self._list().values())
        return unlisted and self._exist


def unexplained_words(chain: BytecodeChain) -> list[UnexplainedWord]:
    """Compare all words, and list those that nothing explains.

    A word of a known variable that nobody named when it was written, as a credit to a bystander is, is taken into the
    records, and listed too.
    """
    known = known_keys(chain)  # type: ignore[arg-type]  # a chain, as its parts see it
    found: list[UnexplainedWord] = []
    for where, words in chain.evm.accounts().items():
        wire = chain.wires.get(where)
        if wire is not None:
            found += _of_contract(chain, wire, words, known)
        elif where != RUNNER and where not in chain.strangers and not _is_own(chain, where):
            contract = chain.contracts[where]
            kind = "" if contract is None else contract.KIND
            found += [UnexplainedWord(where, kind, slot, word, "") for slot, word in words.items()]
    return found


def hidden_words(chain: BytecodeChain) -> dict[Address, dict[int, int]]:
    """List the words that are not zero and that nobody knows of: what a fork stores and no layout tells."""
    known = chain.seen.index
    return {
        where: {slot: word for slot, word in words.items() if (where, slot) not in known}
        for where, words in chain.evm.accounts().items()
    }


def _is_own(chain: BytecodeChain, where: Address) -> bool:
    """Is an account a compiled contract of one's own, or may it have been made by one?"""
    contract = chain.contracts[where]
    return isinstance(contract, OwnCompiled) or (contract is None and bool(own_on(chain)))


def _of_contract(
    chain: BytecodeChain, wire: Wire, words: dict[int, int], known: KnownKeys
) -> Iterator[UnexplainedWord]:
    where, contract, places = wire.where, wire.contract, wire.places
    for slot, word in words.items():
        seen = chain.seen.index.get((where, slot))
        if seen is not None:
            place = seen[0].places[seen[1]]
            if place.holding is not STRING_TAIL and (strange := place.unexplained(word)):
                yield UnexplainedWord(where, contract.KIND, slot, strange, f"beside {_names(place.holding)}")
            continue
        found = places.find(slot, known, contract)
        if found is None:
            yield UnexplainedWord(where, contract.KIND, slot, word, places.nearest(slot, known, contract))
        elif found.slot == slot:
            wire.see(found, word)
            if not all(variable.derived for variable in found.holding.variables):
                key = ", ".join(str(part) for part in found.key)
                near = f"{_names(found.holding)}{f' of {key}' if key else ''}, which nothing named"
                yield UnexplainedWord(where, contract.KIND, slot, word, near)


def _names(holding: Holding) -> str:
    return ", ".join(variable.name for variable in holding.variables)
