"""Storage of the contracts: the undo journal, records, ledgers and packed words."""
