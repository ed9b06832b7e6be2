"""Integers to test with: everywhere, and especially where contracts break."""

from hypothesis import strategies as st

MAX_UINT256 = 2**256 - 1

EDGES = sorted(
    {
        edge
        for power in (0, 1, 8, 16, 36, 40, 120, 127, 128, 255, 256)
        for edge in (2**power - 1, 2**power, 2**power + 1)
        if edge <= MAX_UINT256
    }
    | {10**power for power in (4, 18, 27, 45, 76)}
)


def uints(maximum: int = MAX_UINT256) -> st.SearchStrategy[int]:
    """Unsigned integers of every size up to `maximum`, edges often among them."""
    sizes = st.integers(0, maximum.bit_length()).flatmap(lambda bits: st.integers(0, min(maximum, 2**bits)))
    return st.one_of(sizes, st.sampled_from([edge for edge in EDGES if edge <= maximum]))
