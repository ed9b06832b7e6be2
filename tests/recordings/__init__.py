"""Tests against histories of the real contracts."""
