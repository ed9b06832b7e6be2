"""The pool's rules: stateless functions over the pool, one module per Solidity library."""
