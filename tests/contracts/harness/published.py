"""The artifacts of v3.0.2, published ready-made in an npm package: installed, picked and cached like the compiled ones.

They come under the names the contracts have in later releases, so that whatever builds a market need not tell them
apart. What stands around the pool (test token, price feeds, WETH) is taken from v3.6, as the same in all our markets.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from .artifacts import FOLDER, Artifact, ArtifactSet, ArtifactsMissingError, install, load_built, load_v3_6

PACKAGE = FOLDER / "v3_0_2"
BUILDS = Path("node_modules/@aave/core-v3/artifacts/build-info")

# Later name (and what records say) -> source file below `contracts/` and its name in v3.0.2.
CONTRACTS = {
    "PoolAddressesProvider": ("protocol/configuration/PoolAddressesProvider.sol", "PoolAddressesProvider"),
    "ACLManager": ("protocol/configuration/ACLManager.sol", "ACLManager"),
    "PoolInstance": ("protocol/pool/Pool.sol", "Pool"),
    "L2PoolInstance": ("protocol/pool/L2Pool.sol", "L2Pool"),
    "L2Encoder": ("misc/L2Encoder.sol", "L2Encoder"),
    "PoolConfiguratorInstance": ("protocol/pool/PoolConfigurator.sol", "PoolConfigurator"),
    "ATokenInstance": ("protocol/tokenization/AToken.sol", "AToken"),
    "StableDebtToken": ("protocol/tokenization/StableDebtToken.sol", "StableDebtToken"),
    "VariableDebtTokenInstance": ("protocol/tokenization/VariableDebtToken.sol", "VariableDebtToken"),
    "DefaultReserveInterestRateStrategy": (
        "protocol/pool/DefaultReserveInterestRateStrategy.sol",
        "DefaultReserveInterestRateStrategy",
    ),
    "AaveOracle": ("misc/AaveOracle.sol", "AaveOracle"),
    "PriceOracleSentinel": ("protocol/configuration/PriceOracleSentinel.sol", "PriceOracleSentinel"),
    "AaveProtocolDataProvider": ("misc/AaveProtocolDataProvider.sol", "AaveProtocolDataProvider"),
    "SequencerOracle": ("mocks/oracle/SequencerOracle.sol", "SequencerOracle"),
    "MockAToken": ("mocks/upgradeability/MockAToken.sol", "MockAToken"),
    "MockVariableDebtToken": ("mocks/upgradeability/MockVariableDebtToken.sol", "MockVariableDebtToken"),
}
LIBRARIES = "protocol/libraries/logic/"
AROUND = ("TestnetERC20", "WETH9", "MockAggregator", "PriceOracle")


@cache
def load_v3_0_2() -> ArtifactSet:
    """The artifacts of v3.0.2, and from v3.6 those of what stands around the pool. Raises ArtifactsMissingError."""
    later = load_v3_6()
    published = load_built("v3.0.2", [PACKAGE / "package.json", PACKAGE / "package-lock.json", Path(__file__)], _unpack)
    around = {name: later[name] for name in AROUND}
    return published.model_copy(update={"contracts": {**published.contracts, **around}})


def _unpack(folder: Path) -> None:
    """Install the package and write the wanted part of its compiler output."""
    install(folder)
    builds = list((folder / BUILDS).glob("*.json"))
    if len(builds) != 1:
        raise ArtifactsMissingError(f"{BUILDS}: {len(builds)} compiler outputs, not one")
    build = json.loads(builds[0].read_bytes())
    outputs = build["output"]["contracts"]
    contracts = {name: _artifact(outputs[f"contracts/{file}"][old]) for name, (file, old) in CONTRACTS.items()}
    for unit, named in outputs.items():
        if unit.startswith(f"contracts/{LIBRARIES}"):
            contracts.update((name, _artifact(output)) for name, output in named.items())
    evm_version = build["input"]["settings"]["evmVersion"]
    picked = ArtifactSet(compiler=build["solcLongVersion"], evm_version=evm_version, contracts=contracts)
    (folder / "artifacts.json").write_text(picked.model_dump_json())


def _artifact(output: dict[str, Any]) -> Artifact:
    """One contract of the compiler's output; unlinked places, which hold a placeholder, become zero."""
    code = output["evm"]["bytecode"]
    links = {
        name: tuple(place["start"] for place in places)
        for libraries in code["linkReferences"].values()
        for name, places in libraries.items()
    }
    digits = list(code["object"])
    for offsets in links.values():
        for offset in offsets:
            digits[2 * offset : 2 * offset + 40] = "0" * 40
    return Artifact(bytecode="".join(digits), links=links, abi=output["abi"], storage=output["storageLayout"])
