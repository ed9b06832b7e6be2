"""Tests of the scenarios, of the comparison of revisions and of the command line."""
