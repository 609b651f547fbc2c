"""Build the site of the documents into `site/`, strictly: `python -m tools.docs_site`.

The builder stops at a link to a page or a heading that is not there. What it lets pass is looked for here:
files that are not there, links out of the folder, and what a reader's browser would fetch from another host.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

HERE = Path(__file__).parent.parent
CONFIG = HERE / "mkdocs.yml"
SITE = HERE / "site"
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
_SCHEMES = ("mailto", "data")


class _Links(HTMLParser):
    """What a page leads to, and what a browser fetches to show it."""

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.fetches: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.leads.append(given["href"] or "")
        if tag == "link" and given.get("rel") not in ("canonical", "prev", "next"):
            self.fetches.append(given.get("href") or "")
        if tag in _FETCHED and given.get(_FETCHED[tag]):
            self.fetches.append(given[_FETCHED[tag]] or "")


def build() -> str:
    """What the builder says; raises `SystemExit` where it finds fault."""
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(CONFIG)]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        told = (ran.stdout + ran.stderr).partition("Traceback")[0]
        raise SystemExit(f"error: the site cannot be built\n{told}")
    return ran.stdout


def faults(site: Path) -> Iterator[str]:
    for page in sorted(site.rglob("*.html")):
        # The page for what is not there is served under any address, and so names files from the top.
        if page.name != "404.html":
            yield from _faults_of(page, site)


def _faults_of(page: Path, site: Path) -> Iterator[str]:
    links = _Links()
    links.feed(page.read_text(encoding="utf-8"))
    name = page.relative_to(site)
    for link in links.fetches:
        if urlsplit(link).netloc:
            yield f"{name}: fetches {link} from another host; put it into the docs folder"
    for link in (*links.leads, *links.fetches):
        parts = urlsplit(link)
        if parts.netloc or parts.scheme in _SCHEMES or not parts.path:
            continue
        target = (page.parent / unquote(parts.path)).resolve()
        if not target.is_relative_to(site.resolve()):
            yield f"{name}: {link} leads out of the site; name the file in words"
        elif not target.exists():
            yield f"{name}: {link} leads nowhere"


def not_in_the_navigation() -> set[str]:
    """Pages of the folder that no entry of the navigation leads to."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    listed = {
        page for part in config["nav"] for pages in part.values() for one in pages for page in one.values()
    }
    docs = HERE / "docs"
    return {str(page.relative_to(docs)) for page in docs.rglob("*.md")} - listed


def main() -> None:
    build()
    found = [
        *faults(SITE),
        *(f"docs/{page}: stands in no `nav` of mkdocs.yml" for page in sorted(not_in_the_navigation())),
    ]
    if found:
        raise SystemExit("\n".join(("error: the site has faults", *found)))
    sys.stdout.write(f"{SITE / 'index.html'}\n")


if __name__ == "__main__":
    main()
