"""The random histories in which mutants are hunted."""
