"""Which requests of an http client are answered here: those below a claimed base URL, on an Assistants path or for a file that may be
one of the code interpreter's."""

from __future__ import annotations

import threading
from typing import Any

from assistants_compat.azure import v1_path
from assistants_compat.claimed_paths import may_be_ours
from assistants_compat.runs.effects import FROM_HERE
from assistants_compat.settings import Settings


class Claim:
    """One base URL of one client, and the settings it is answered with.

    The runtime, and with it the store, is made when the first request comes.
    """

    def __init__(self, base_url: Any, settings: Settings, *, is_azure: bool) -> None:
        self.origin = _origin(base_url)
        self.base_path = base_url.raw_path.decode("ascii").partition("?")[0].rstrip("/")
        self.settings = settings
        self.is_azure = is_azure

    def path_below(self, url: Any) -> str | None:
        """The path below the base URL, still encoded; None where the URL is not below it."""
        raw = url.raw_path.decode("ascii").partition("?")[0]
        if not raw.startswith(self.base_path + "/") or _origin(url) != self.origin:
            return None
        return str(raw[len(self.base_path) :])

    def responses_url(self) -> str:
        """Where its model calls go. Azure has the Responses API under its v1 path, whatever path the Assistants API was at."""
        path = v1_path(self.base_path) if self.is_azure else self.base_path
        scheme, host, port = self.origin
        return f"{scheme}://{host}{'' if port is None else f':{port}'}{path}/responses"


class Claims:
    """The claims on one http client: shared by its copies, which may have other base URLs."""

    def __init__(self) -> None:
        self._claims: tuple[Claim, ...] = ()
        self._lock = threading.Lock()

    def add(self, claim: Claim) -> None:
        """Raises ValueError where the same base URL is claimed with other settings."""
        with self._lock:
            for other in self._claims:
                if (other.origin, other.base_path) == (claim.origin, claim.base_path):
                    if other.settings != claim.settings:
                        raise ValueError(
                            "assistants-compat: two clients share one http client and base URL but ask for different settings; "
                            "give one of them an http_client of its own."
                        )
                    return
            # The longest base path first: it is the closest.
            self._claims = tuple(sorted([*self._claims, claim], key=lambda c: -len(c.base_path)))

    def settings_for(self, base_url: Any) -> Settings | None:
        """The settings this base URL was claimed with; None where it was not."""
        wanted = Claim(base_url, Settings(), is_azure=False)
        for claim in self._claims:
            if (claim.origin, claim.base_path) == (wanted.origin, wanted.base_path):
                return claim.settings
        return None

    def any_settings(self) -> Settings | None:
        return self._claims[0].settings if self._claims else None

    def find(self, request: Any) -> tuple[Claim, str] | None:
        """The claim on a request that may be one to answer here, and the path below its base. None: it is not ours."""
        for claim in self._claims:
            path = claim.path_below(request.url)
            if path is not None:
                ours = may_be_ours(request.method, path) and FROM_HERE not in request.extensions
                return (claim, path) if ours else None
        return None


def _origin(url: Any) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
