"""The table of what was provoked around the pool lists every function, and each that writes did something."""

from ..harness.artifacts import ArtifactSet
from .multicall import FUNCTIONS, SIGNATURES
from .provoked import NOTHING, TABLE, functions_of


def test_every_function_is_in_the_table_and_does_something(artifacts_v3_6: ArtifactSet) -> None:
    kinds = {"Multicall3": artifacts_v3_6["WalletBalanceProvider"]}  # it is not compiled here, and listed below
    artifacts = artifacts_v3_6.model_copy(update={"contracts": {**artifacts_v3_6.contracts, **kinds}})
    rows = {
        line.split("`")[1]: line.rpartition(" | ")[2].removesuffix(" |")
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }
    expected = {signature: reads for kind, signature, reads in functions_of(artifacts) if kind != "Multicall3"}
    expected |= dict.fromkeys(SIGNATURES.values(), False)
    assert expected.keys() <= rows.keys()
    assert not [signature for signature, reads in expected.items() if not reads and rows[signature] == NOTHING]
    assert len(FUNCTIONS) > len(SIGNATURES)
