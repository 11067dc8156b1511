"""A hook of mkdocs: what pages link to outside docs/ comes along.

Markdown files at the root become pages of the site; other files (examples) lie beside it as they are. In the pages themselves the
links are those that work on a checkout.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
ROOT_PAGES = ("CONTRIBUTING.md", "CHANGELOG.md")

_LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(?=[)#])")


def on_files(files: Files, *, config: Any) -> Files:
    """The pages at the root, and whatever any page names that lies outside docs/."""
    for page in ROOT_PAGES:
        files.append(File.generated(config, page, abs_src_path=str(ROOT / page)))
    for file in list(files.documentation_pages()):
        for link in _LINK.findall(Path(str(file.abs_src_path)).read_text(encoding="utf-8")):
            path = _outside(file.src_uri, link)
            if path is not None and (ROOT / path).is_file() and files.get_file_from_path(path) is None:
                files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links as they are in the site."""

    def in_site(link: str) -> str:
        if page.file.src_uri in ROOT_PAGES:
            return link.removeprefix("docs/")
        return _outside(page.file.src_uri, link) or link

    return _LINK.sub(lambda found: in_site(found[0]), markdown)


def _outside(page: str, link: str) -> str | None:
    """Where a link of a page of docs/ leads below the root, if that is not in docs/."""
    if page in ROOT_PAGES:
        return None
    path = posixpath.normpath(posixpath.join("docs", page, "..", link))
    return None if path.startswith(("docs/", "../")) else path
