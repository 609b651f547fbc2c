"""What the builder of the documents' site lets pass is found before the site is published."""

from __future__ import annotations

from pathlib import Path

from tools.docs_site import faults, not_in_the_navigation


def test_what_leads_nowhere_and_what_comes_from_another_host_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(
        '<a href="sub/page.html#part">a</a> <a href="https://example.org">b</a> <a href="#here">c</a>'
        '<img src="a%20picture.svg"><link rel="canonical" href="https://example.org/">'
    )
    (tmp_path / "a picture.svg").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text('<a href="../good.html">a</a>')
    assert list(faults(tmp_path)) == []

    (tmp_path / "sub" / "page.html").write_text(
        '<a href="gone.html">a</a> <a href="../../deploy">b</a> <img src="gone.svg">'
        '<script src="//cdn.example/a.js"></script><link rel="stylesheet" href="https://fonts.example/a.css">'
    )
    assert list(faults(tmp_path)) == [
        "sub/page.html: fetches //cdn.example/a.js from another host; put it into the docs folder",
        "sub/page.html: fetches https://fonts.example/a.css from another host; put it into the docs folder",
        "sub/page.html: gone.html leads nowhere",
        "sub/page.html: ../../deploy leads out of the site; name the file in words",
        "sub/page.html: gone.svg leads nowhere",
    ]


def test_every_page_stands_in_the_navigation() -> None:
    assert not_in_the_navigation() == set()
