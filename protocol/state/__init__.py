"""What the contracts store: the undo journal, records, ledgers and packed words."""
