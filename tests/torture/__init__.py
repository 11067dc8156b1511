"""What holds when things break: faults, in numbers and by a seed, and what is left of the store after them. `make torture`."""
