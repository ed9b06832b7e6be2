"""Tests of the twin of v3.0.2 beside the published bytecode, and the lock file of the npm package it comes from."""
