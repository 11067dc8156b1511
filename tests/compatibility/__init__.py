"""The table behind docs/compatibility.md: everything the Assistants API had, what of it is here, and the test that shows it.

`python -m compatibility` (with `tests` on the path; `make compatibility`) writes the page. The tests in this folder hold the table
against the code, the SDK and what is really sent, so that it cannot drift.
"""
