"""What is wrong with a built site is found."""

from __future__ import annotations

from pathlib import Path

from documentation.built_site import faults_of


def test_a_site_that_keeps_to_itself_has_no_faults(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<link rel="stylesheet" href="site.css"><h1 id="top">A</h1><a href="b.html#end">b</a> <a href="#top">top</a>'
    )
    (tmp_path / "b.html").write_text('<h1 id="end">B</h1><a href="https://example.com/">elsewhere</a> <img src="a%20b.svg">')
    (tmp_path / "a b.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "site.css").write_text("a { background: url(a.png) }")
    assert faults_of(tmp_path) == []


def test_what_comes_from_the_internet_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<script src="https://cdn.example/x.js"></script><link rel="preconnect" href="//fonts.example">')
    (tmp_path / "site.css").write_text("@font-face { src: url(https://fonts.example/x.woff2) }")
    assert faults_of(tmp_path) == [
        "a.html loads https://cdn.example/x.js",
        "a.html loads //fonts.example",
        "site.css loads from the internet",
    ]


def test_links_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="gone.html">gone</a> <a href="b.html#gone">place</a>')
    (tmp_path / "b.html").write_text("<h1>B</h1>")
    assert faults_of(tmp_path) == [
        "a.html leads to gone.html, which is not there",
        "a.html leads to b.html#gone, and there is no such place on that page",
    ]
