"""What this package costs, measured against the official SDK on its own: `make bench`, or `python -m benchmarks --help`."""
