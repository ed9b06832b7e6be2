"""Markets whose contracts are bytecode, beside the twin and beside contracts deployed in the ordinary way."""
