"""Looking at pages as people do, and as tools do that know what some people cannot use: each page is held to
a budget, to axe-core, and to silence, and its pictures are kept in `artefacts/pages` to be looked at."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

PICTURES = Path(__file__).parents[2] / "artefacts" / "pages"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 780}
MOST_BYTES = 150_000
FIRST_PAINT_MS = 1_000
_WEIGHT = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
_PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0"""
MOST_SHIFT = 0.02
"""Of the layout, without anybody's doing (CLS): elsewhere 0.1 counts as good, and here nothing jumps."""
_SHIFT = """() => new Promise((tell) => {
  let sum = -(window.shiftsSeen ?? 0);
  const seen = new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
  });
  seen.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.shiftsSeen = (window.shiftsSeen ?? 0) + sum;
    tell(sum);
  }));
})"""
_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Visit:
    """A page in a browser of its own. What it should not do is collected: errors at its console, and requests
    to another host than that of `base`."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list[str])

    def go(self, path: str, status: int = 200) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == status, (path, answer.status, self.page.title())

    def press(self, name: str, exact: bool = True) -> None:
        self.page.get_by_role("button", name=name, exact=exact).click()

    def follow(self, name: str, exact: bool = True) -> None:
        self.page.get_by_role("link", name=name, exact=exact).first.click()

    def sees(self, *words: str) -> None:
        text = self.page.locator("body").inner_text()
        for one in words:
            assert one in text, f"{one!r} is not on {self.page.url}:\n{text}"

    def said(self) -> str:
        """What was just done, as the page says it."""
        return self.page.locator("[role=status], [role=alert]").first.inner_text().strip()

    def pictured(self, name: str, kind: str = "light") -> None:
        """The page as it is now, for the documents; whether it is fit for everybody is seen elsewhere."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        size = PHONE if kind == "phone" else DESK
        self.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType]
        self.page.screenshot(path=PICTURES / f"{name}-{kind}.png", full_page=True)
        self.page.set_viewport_size(DESK)  # pyright: ignore[reportArgumentType]

    def looks(self, name: str, has_moved: bool = False) -> None:
        """The page as it is now is fit for everybody: by day, by night and on a phone. `has_moved`: somebody
        went to another line of the editor, whose lines move then; a browser takes that for their doing for
        half a second only, and a busy machine needs longer."""
        page, faults = self.page, self.wrong
        weight = int(page.evaluate(_WEIGHT))
        if weight > MOST_BYTES:
            faults.append(f"{name}: weighs {weight} bytes, and may weigh {MOST_BYTES}")
        if (paint := _first_paint_ms(page)) > FIRST_PAINT_MS:
            faults.append(f"{name}: shows something after {paint:.0f} ms, and should after {FIRST_PAINT_MS}")
        if (shift := self.shift()) > MOST_SHIFT and not has_moved:
            faults.append(f"{name}: its layout shifts by {shift:.3f}, and may by {MOST_SHIFT}")
        PICTURES.mkdir(parents=True, exist_ok=True)
        for kind in ("light", "dark", "phone"):
            page.emulate_media(color_scheme="dark" if kind == "dark" else "light", reduced_motion="reduce")
            page.set_viewport_size(PHONE if kind == "phone" else DESK)  # pyright: ignore[reportArgumentType]
            page.screenshot(path=PICTURES / f"{name}-{kind}.png", full_page=True)
            faults += [f"{name}, {kind}: {one}" for one in _violations(page)]
            if page.evaluate(_TOO_WIDE):
                faults.append(f"{name}, {kind}: is wider than its window")
        page.set_viewport_size(DESK)  # pyright: ignore[reportArgumentType]
        page.emulate_media(color_scheme="light")
        self.shift()

    def shift(self) -> float:
        """How far the layout shifted since the page was opened, or looked at last: for that it is made as
        narrow as a phone and wide again, which is no doing of its own."""
        return float(self.page.evaluate(_SHIFT))


def _first_paint_ms(page: Page) -> float:
    """Of three tries the quickest: the budget is the page's, and the machine has other things to do."""
    paint = float(page.evaluate(_PAINT))
    for _ in range(2):
        if paint <= FIRST_PAINT_MS:
            break
        page.reload()
        paint = min(paint, float(page.evaluate(_PAINT)))
    return paint


def _violations(page: Page) -> list[str]:
    found: Any = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes']]}" for one in found]


@contextmanager
def visiting(
    browser: Browser, base: str, session: str = "", expected: int = 0, **more: Any
) -> Generator[Visit]:
    """A visit by whoever's session it is. Answers of errors that a test asks for are `expected` at the
    console, where the browser tells of each."""
    context = browser.new_context(viewport=DESK, base_url=base, **more)  # pyright: ignore[reportArgumentType]
    if session:
        context.add_cookies([{"name": "perks-session", "value": session, "url": base}])
    visit = Visit(context.new_page(), base)
    failed: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            told = failed if "Failed to load resource" in message.text else visit.wrong
            told.append(f"console: {message.text} ({visit.page.url})")

    def asked(request: Request) -> None:
        there = urlsplit(request.url)
        if there.scheme in ("http", "https") and there.netloc != urlsplit(base).netloc:
            visit.wrong.append(f"asked {request.url}")

    visit.page.on("console", heard)
    visit.page.on("pageerror", lambda error: visit.wrong.append(f"error: {error}"))
    visit.page.on("request", asked)
    try:
        yield visit
        assert visit.wrong == [], visit.wrong
        assert len(failed) == expected, failed
    finally:
        context.close()
