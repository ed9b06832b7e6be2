"""Taking: a running market as a configuration with its state, from which an equal one is deployed."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from ..address import Address
from ..bulk import without_collecting
from ..chain import Chain
from ..deployment import deploy
from ..errors import Revert
from ..models import MarketConfig, quiet_about_units
from ..revisions import codes_of
from .check import checked
from .errors import InexpressibleError, StateError
from .homes import homes_of
from .loading import load
from .parameters import Parameters
from .proof import differences
from .remembering import as_state, state_of


def config_of(chain: Chain, provider: Address, assets: Mapping[str, Address]) -> MarketConfig:
    """The configuration of a running market, with its state: deployed, it has the same digest, which is tried once.

    `assets` are the reserves by key. Raises InexpressibleError for what a configuration does not say, naming contract
    and field, and RuntimeError inside a transaction.
    """
    if chain.depth:
        raise RuntimeError("inside a transaction a market cannot be described: it may be half-finished")
    foreign = _code_of_ones_own(chain)
    if foreign:
        raise InexpressibleError(foreign)
    try:
        homes = homes_of(chain, provider, assets)
        parameters = Parameters(chain, provider, homes).read()
        with quiet_about_units():
            config = MarketConfig.model_validate(parameters)
        with without_collecting():
            return _proved(chain, config, state_of(chain, provider, homes))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'the market'}: {fault['msg']}" for fault in error.errors()]
        raise InexpressibleError(faults) from None
    except StateError as error:
        raise InexpressibleError(error.faults) from None
    except (AttributeError, Revert) as error:  # contracts of other kinds than deployment makes
        raise InexpressibleError([str(error)]) from None


def _code_of_ones_own(chain: Chain) -> list[str]:
    known = codes_of(chain.revision)
    contracts = sorted((where, contract) for where, contract in chain.contracts.items() if contract is not None)
    return [
        f"{contract.code()} at {where}: Python code of one's own"
        for where, contract in contracts
        if contract.code() not in known
    ]


def _proved(chain: Chain, config: MarketConfig, fields: dict[str, object]) -> MarketConfig:
    """Deploy the configuration, load the state into it, and compare with the market."""
    copy = Chain(chain.revision, time=chain.time, number=chain.number, chain_id=chain.chain_id)
    try:
        market = deploy(copy, config)
    except (ValueError, Revert) as error:
        raise InexpressibleError([f"it cannot be deployed again: {error}"]) from None
    nonces = {who: number for who, number in chain.nonces.items() if number != copy.nonces[who]}
    state = as_state(fields | {"nonces": nonces})
    config = config.model_copy(update={"state": state})
    load(copy, market, checked(config, chain.revision))
    faults = differences(chain, copy)
    if faults:
        raise InexpressibleError(faults)
    return config
