"""What a requirement on openai allows, and what the rewritten code needs."""

from __future__ import annotations

import re

PACKAGE = "assistants-compat"
SHIM_NEEDS = ">=1.66,<4"
NATIVE_NEEDS = "1.101.0"
"""The first openai with the Conversations API."""

# One release of each minor version would be long; the ends and the middle of what the shim supports are enough to tell an empty overlap.
_PROBES = tuple(f"1.{minor}.{patch}" for minor in range(66, 130) for patch in (0, 1, 2, 3, 4, 5)) + tuple(
    f"{major}.{minor}.{patch}" for major in (2, 3) for minor in range(0, 60) for patch in (0, 1, 2)
)

OPENAI = re.compile(
    r"openai(?P<extras>\s*\[[^\]]*\])?\s*(?P<specifier>(?:\(?\s*(?:===?|~=|!=|<=?|>=?)[^;#@\s\"']*[^;#@\"']*?)?)\s*(?=$|;|#|\s--|\s#)", re.I
)


def allows_shim(specifier: str) -> bool:
    """Whether some openai that the shim supports satisfies `specifier` (PEP 440). What cannot be read is taken to."""
    return _allows(specifier, lambda version: True)


def may_be_older_than_native(specifier: str) -> bool:
    """Whether `specifier` lets an openai in that has no Conversations API."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return any(
            SpecifierSet(specifier).contains(version) for version in ("0.28.1", "1.3.7", "1.30.0", "1.66.0", "1.99.9", "1.100.2")
        ) or (_pinned_below(specifier))
    except InvalidSpecifier:
        return False


def _pinned_below(specifier: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return any(Version(pin) < Version(NATIVE_NEEDS) for pin in re.findall(r"(?:===?|~=)\s*([\w.]+)", specifier))
    except InvalidVersion:
        return False


def _allows(specifier: str, wanted: object) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(specifier)
    except InvalidSpecifier:
        return True
    pinned = re.fullmatch(r"\s*===?\s*([\d.]+)\s*", specifier)
    candidates = (*_PROBES, pinned[1]) if pinned else _PROBES
    return any(allowed.contains(version) and SpecifierSet(SHIM_NEEDS).contains(version) for version in candidates)
