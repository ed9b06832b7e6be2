"""The artifacts of v3.0.2, published ready-made in an npm package: installed, picked and cached like the compiled ones.

They come under the names the contracts have in later releases, so that whatever builds a market need not tell them
apart. What stands around the pool (test token, price feeds, WETH) is taken from v3.6, as the same in all our markets.
"""

from functools import cache
from pathlib import Path

from pooltwin.interop.evm.artifacts import load_artifacts

from .artifacts import FOLDER, ArtifactSet, ArtifactsMissingError, install, load_built, load_v3_6

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
    found = load_artifacts(builds[0])
    contracts = {name: found[f"contracts/{file}/{old}"] for name, (file, old) in CONTRACTS.items()}
    for name, artifact in found.contracts.items():
        if artifact.file.startswith(f"contracts/{LIBRARIES}"):
            contracts[name] = artifact
    picked = found.model_copy(update={"contracts": contracts})
    (folder / "artifacts.json").write_text(picked.model_dump_json())
