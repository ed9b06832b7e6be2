"""Campaigns that go for profit: what a chain of known defects brings an attacker, and costs lenders."""
