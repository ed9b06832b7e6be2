"""A fork of v3.7: a close factor of 60 %, and a bonus that grows with the time a position has been unhealthy."""

from my_rules import MyPool, bonus, liquidate, stated_bonus
from pooltwin.protocol import NEWEST

FORK = NEWEST.forked(
    "my-fork",
    contracts=[MyPool],
    close_factor=6_000,
    liquidation_bonus=bonus,
    execute_liquidation_call=liquidate,
    stated_bonus=stated_bonus,
)
