"""What goes wrong with a store as a whole."""

from __future__ import annotations

import sqlalchemy as sa

ELSEWHERE = "Name another with ASSISTANTS_COMPAT_STORE or Settings(store=…)."


class StoreError(Exception):
    """The store cannot be opened or used. Its text says which store, why, and what to do."""


STORE_FAILURES = (StoreError, sa.exc.SQLAlchemyError)
"""All that using a store may raise. Then nothing of a transaction was written, unless the connection was lost in its very commit."""
