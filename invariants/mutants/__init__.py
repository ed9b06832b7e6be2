"""The protocol broken on purpose, one fault at a time, and which law notices."""
