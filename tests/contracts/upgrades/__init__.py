"""Upgrades of a live market on both sides, in lockstep: the twin's own, and governance's steps in the EVM."""
