"""Engine of scenarios: one validated file, a heap of events, agents behind one small protocol."""
