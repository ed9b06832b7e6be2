"""Random histories on the real contracts, alone or in lockstep: who calls what, how often, with which arguments."""
