"""Markets whose contracts are bytecode: transactions run in an EVM, and what they wrote is read back into records."""
