"""What a requirement on openai allows, and what the rewritten code needs of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

PACKAGE = "assistants-compat"
SHIM_NEEDS = ">=1.66,<4"
NATIVE_NEEDS = ">=1.101"
"""From the first openai with the Conversations API on."""

# Whether two ranges overlap is tried out: at versions of openai all over what the shim supports, and at those the range itself names.
_SUPPORTED = [f"1.{minor}.{patch}" for minor in range(66, 140) for patch in range(4)]
_SUPPORTED += [f"{major}.{minor}.{patch}" for major in (2, 3) for minor in range(80) for patch in range(3)]
_OLD = ["0.27.0", "0.28.1", "1.0.0", "1.2.3", "1.14.0", "1.30.0", "1.55.3", "1.65.5", "1.66.0", "1.78.0", "1.99.9", "1.100.2"]
_CARET = re.compile(r"([\^~])\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True)
class Note:
    """Something to tell about a dependency file: a code, the line from 1, a sentence."""

    code: str
    line: int
    message: str


@dataclass(frozen=True)
class Adapted:
    """A dependency file's text after it was adapted, and what is to be told."""

    text: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Mentions:
    """Whether a dependency file has openai, and this package."""

    openai: bool
    ours: bool


def parsed(requirement: str) -> Requirement | None:
    """A PEP 508 requirement; None for what is none."""
    try:
        return Requirement(requirement.strip())
    except InvalidRequirement:
        return None


def is_for(requirement: str, name: str) -> bool:
    """Whether a PEP 508 requirement is for the package `name`."""
    known = parsed(requirement)
    return known is not None and canonicalize_name(known.name) == name


def specifier_of(requirement: str) -> str:
    """The versions that a requirement allows."""
    known = parsed(requirement)
    return str(known.specifier) if known else ""


def raised(requirement: str) -> str:
    """A requirement on openai that allows what the shim needs: extras and marker stay."""
    known = parsed(requirement)
    if known is None:
        return requirement
    extras = f"[{','.join(sorted(known.extras))}]" if known.extras else ""
    return f"{known.name}{extras}{SHIM_NEEDS}{f'; {known.marker}' if known.marker else ''}"


def ours_beside(requirement: str) -> str:
    """The requirement on this package that goes with one on openai: under the same marker."""
    known = parsed(requirement)
    return f"{PACKAGE}; {known.marker}" if known and known.marker else PACKAGE


def allows_shim(specifier: str) -> bool:
    """Whether an openai that the shim supports satisfies `specifier`. What cannot be read is taken to."""
    allowed = _read(specifier)
    needed = SpecifierSet(SHIM_NEEDS)
    return allowed is None or any(version in allowed and version in needed for version in [*_SUPPORTED, *_named(specifier)])


def may_lack_conversations(specifier: str) -> bool:
    """Whether `specifier` lets in an openai that has no Conversations API. What cannot be read is taken not to."""
    allowed = _read(specifier)
    needed = SpecifierSet(NATIVE_NEEDS)
    return allowed is not None and any(version in allowed and version not in needed for version in [*_OLD, *_named(specifier)])


def from_poetry(constraint: str) -> str:
    """Poetry's `^1.2`, `~1.2`, `1.2.3` and `*` as PEP 440 has them."""
    if constraint.strip() in ("*", ""):
        return ""
    if re.fullmatch(r"\s*[\d.]+\s*", constraint):
        return f"=={constraint.strip()}"
    return _CARET.sub(_range, constraint)


def _range(match: re.Match[str]) -> str:
    parts = [int(part) for part in match.groups()[1:] if part is not None]
    leftmost = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
    fixed = leftmost if match[1] == "^" else min(1, len(parts) - 1)
    upper = [*parts[:fixed], parts[fixed] + 1]
    return f">={'.'.join(map(str, parts))},<{'.'.join(map(str, upper))}"


def _read(specifier: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(specifier, prereleases=True)
    except InvalidSpecifier:
        return None


def _named(specifier: str) -> list[str]:
    """The versions that a range names itself, without `.*`."""
    found = []
    for name in re.findall(r"\d[\w.!+-]*", specifier):
        try:
            found.append(str(Version(name.rstrip("."))))
        except InvalidVersion:
            continue
    return found
