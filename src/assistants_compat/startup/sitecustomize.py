"""Runs when a Python starts under `assistants-compat run`: its folder is first on PYTHONPATH, and Python imports `sitecustomize`.

Any Python that the program starts reads this, of any version and with any packages: it must mind its manners.
"""

import os
import sys

_folder = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if not entry or os.path.abspath(entry) != _folder]

try:
    from assistants_compat.late_installation import install_when_openai_is_imported
except ImportError as error:
    if error.name != "assistants_compat":
        raise
    # an interpreter in another environment, without assistants_compat: none of our business
else:
    install_when_openai_is_imported()

# Python imports one sitecustomize only: on to the one that stands behind this one, if there is one.
_this = sys.modules.pop("sitecustomize")
try:
    import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
except ImportError as error:
    sys.modules["sitecustomize"] = _this
    if error.name != "sitecustomize":
        raise
