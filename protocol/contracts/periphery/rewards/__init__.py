"""Rewards for holding aTokens and for owing debt: who is owed how much, who may say so, and how it is paid."""
