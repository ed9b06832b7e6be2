"""Foundry's invariant runner beside `pooltwin fuzz`: the same faulty bytecode, the same market, the same time."""
