"""Faults in the Solidity of v3.6, each beside the mutant of the project that is the same fault: is it found alike?"""
