"""`make docs`, its last part: the built site leads nowhere but to itself, and asks nothing of the internet when it is read."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("object", "data")}
"""What a browser asks for by itself; an `a` is for its reader."""

_URL = re.compile(r"url\(\s*['\"]?(https?:)?//|@import\s+['\"]https?:")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.led_to: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag == "link" and given.get("rel") in ("canonical", "next", "prev", "edit"):
            return
        for name, value in given.items():
            if (tag, name) in LOADED:
                self.loaded.append(value)
            elif (tag, name) == ("a", "href"):
                self.led_to.append(value)


def faults_of(folder: Path) -> list[str]:
    """What is wrong with a built site, a line each."""
    pages: dict[Path, _Page] = {}
    for path in sorted(folder.rglob("*.html")):
        pages[path.resolve()] = page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
    faults = []
    for path, page in pages.items():
        for link in page.loaded:
            if urlsplit(link).scheme in ("http", "https") or link.startswith("//"):
                faults.append(f"{path.name} loads {link}")
        for link in [*page.loaded, *page.led_to]:
            address = urlsplit(link)
            if address.scheme or address.netloc or path.name == "404.html":  # whose links are from the root of wherever it is put
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            if not target.exists():
                faults.append(f"{path.name} leads to {link}, which is not there")
            elif address.fragment and target in pages and unquote(address.fragment) not in pages[target].places:
                faults.append(f"{path.name} leads to {link}, and there is no such place on that page")
    faults += [
        f"{path.name} loads from the internet"
        for path in sorted([*folder.rglob("*.css"), *folder.rglob("*.svg")])
        if _URL.search(path.read_text(encoding="utf-8"))
    ]
    return faults


if __name__ == "__main__":
    found = faults_of(Path(sys.argv[1]))
    print("\n".join(found) or f"The site is in {sys.argv[1]}/: open {sys.argv[1]}/index.html.")
    sys.exit(1 if found else 0)
