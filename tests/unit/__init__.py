"""Tests of the protocol that need nothing but the protocol."""
