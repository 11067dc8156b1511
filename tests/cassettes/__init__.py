"""Whole scenarios replayed against recorded upstream traffic. The recordings are in `cassettes/`, at the top of the repository."""
