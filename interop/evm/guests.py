"""Contracts beside a market of bytecode: small ones for other people's Python, and compiled ones of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address, address, named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.scripts import Part

from .actors import CODES, TOLD, hook_code, kept_at
from .deploying import create
from .keys import Named
from .own_contracts import compiled_class
from .revm import RawLog, Revm


class WithGuests(Chain):
    """A chain of bytecode on which other contracts than the market's can be put."""

    __slots__ = ()
    evm: Revm
    machine: Any

    def deploy(
        self, make: Callable[[Chain, Address], Contract], where: Address, *, deployer: Address = ZERO_ADDRESS
    ) -> Any:
        contract = super().deploy(make, where, deployer=deployer)
        if contract.PART is Part.TELLER:
            self._create(contract, *TOLD, deployer)
        elif contract.PART in CODES:
            self.evm.set_code(contract.address, CODES[contract.PART]())
        elif isinstance(contract, ForeignContract):
            self.journal.unwind(self.journal.position() - 1)
            raise self._only_python(contract)
        return contract

    def deploy_artifact(
        self,
        name: str,
        arguments: Sequence[Any] = (),
        *,
        where: Address | None = None,
        deployer: Address = ZERO_ADDRESS,
    ) -> Any:
        at = named_address(name) if where is None else address(where)
        if self.contracts[at] is not None:
            raise ValueError(f"there is a contract at {at} already: {self.contracts[at]!r}")
        cls = compiled_class(name, self.machine.artifact(name))
        self.begin_step()
        whole: Any = self  # with all that an EvmChain has
        whole.hidden.forget()
        outcome = create(whole, name, at, arguments)
        contract = super().deploy(lambda chain, at: cls(chain, at, arguments), at, deployer=deployer)
        whole.own[at] = None
        self.logs = self._events(outcome.logs)
        named = Named(at, deployer)
        named.logs(outcome.logs)
        self._read_back(named, [log[0] for log in outcome.logs], thorough=True)
        return contract

    def replace(self, where: Address, contract: Contract) -> None:
        if contract.PART is Part.HOOK:
            self.evm.set_code(kept_at(where), self.evm.code(where))
            self.evm.set_code(where, hook_code(kept_at(where)), self.evm.nonce(where))
        elif contract.PART is not Part.BRIDGE:
            raise self._only_python(contract)
        super().replace(where, contract)

    def _only_python(self, contract: Contract) -> TypeError:
        return TypeError(
            f"{contract!r} is Python, which bytecode cannot call in the midst of a transaction: write "
            f"{contract.KIND} in Solidity and compile it, or put it on a market of the twin. What happens inside a "
            "flash loan is said by an action's `inside`"
        )

    def _create(self, contract: Contract, kind: str, arguments: Sequence[Any], deployer: Address) -> None:
        raise NotImplementedError

    def _read_back(self, named: Named, touched: Any, *, thorough: bool = False, governed: bool = False) -> None:
        raise NotImplementedError

    def _events(self, logs: list[RawLog]) -> list[tuple[Address, Any]]:
        raise NotImplementedError
