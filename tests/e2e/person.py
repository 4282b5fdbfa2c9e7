"""Somebody with a browser profile of their own (a context), whose pages are watched: errors, breaches of the content
security policy and requests to other origins are complaints, and a complaint fails the test that they came in."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) => {
  const { effectiveDirective, blockedURI, documentURI, sourceFile, lineNumber, columnNumber } = event
  console.error(`policy: ${effectiveDirective} blocked ${blockedURI} in ${documentURI} by ${sourceFile}:${lineNumber}:${columnNumber}`)
})
"""
KEEP_NOTICES = """
if (self === top) {
  self.noticed = []
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll('[role=status][aria-label=Notices] > *')) {
      if (!self.noticed.includes(textContent)) self.noticed.push(textContent)
    }
  }).observe(document, { childList: true, subtree: true })
}
"""
"""A notice is there for four seconds, in which a test on a busy machine may not look."""

NETWORK_NOISE = re.compile(r"^(Failed to load resource|WebSocket connection to|An unknown error occurred when fetching the script)")
"""What Chromium writes for every failed request; that requests fail is what many tests are about."""

USUAL = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "service_workers": "block"}
"""Playwright's `new_context`. To fetch all pages once more, for a day without network, is a fifth of what a test takes: those that are about it say
`service_workers="allow"`."""

EXAMPLE_COLORS = {"Ada": "#0f766e", "Lin": "#a21caf"}


class Person:
    """A browser profile. `page` is the first page; `open` makes more."""

    def __init__(self, context: BrowserContext, page: Page, name: str) -> None:
        self.context = context
        self.page = page
        self.name = name
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.tolerated: list[re.Pattern[str]] = []
        self._origins: set[str] = set()
        context.on("console", self._hear)
        context.on("weberror", self._fail)
        context.on("request", self._count)
        page.on("websocket", self._count_socket)

    @classmethod
    async def enter(cls, browser: Browser, name: str, options: dict[str, Any]) -> "Person":
        """A new profile; under `name` when it is not empty, as if they had given it on an earlier day."""
        context = await browser.new_context(**{**USUAL, **options})
        context.set_default_timeout(30_000)
        await context.add_init_script(TELL_VIOLATIONS)
        await context.add_init_script(KEEP_NOTICES)
        if name:
            remembered = json.dumps(json.dumps({"name": name, "color": EXAMPLE_COLORS.get(name, "#1d4ed8")}))
            await context.add_init_script(f"""
                if (self === top && location.protocol !== 'about:' && localStorage.getItem('fourhands.person') === null) {{
                  localStorage.setItem('fourhands.person', {remembered})
                }}
            """)
        return cls(context, await context.new_page(), name)

    async def go(self, url: str) -> Page:
        """Open an address in the first page."""
        self._origins.add(origin_of(url))
        await self.page.goto(url)
        return self.page

    async def open(self, url: str) -> Page:
        """Open an address in one more page of this profile."""
        self._origins.add(origin_of(url))
        page = await self.context.new_page()
        page.on("websocket", self._count_socket)
        await page.goto(url)
        return page

    def tolerate(self, pattern: str) -> None:
        """From now on, complaints that match are expected by the test."""
        self.tolerated.append(re.compile(pattern))

    async def leave(self) -> None:
        """Close the profile with all its pages."""
        await self.context.close()

    def _complain(self, text: str) -> None:
        if not any(pattern.search(text) for pattern in self.tolerated):
            self.complaints.append(text)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NETWORK_NOISE.match(message.text):
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _fail(self, error: WebError) -> None:
        self._complain(f"uncaught: {error.error}")

    def _count(self, request: Request) -> None:
        self._check(request.url)

    def _count_socket(self, socket: WebSocket) -> None:
        self._check(socket.url)

    def _check(self, url: str) -> None:
        self.requests.append(url)
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and origin_of(url) not in self._origins:
            self._complain(f"asked another origin: {url}")


def origin_of(url: str) -> str:
    """Scheme and host of an address; a WebSocket's counts as its page's."""
    parts = urlsplit(url)
    return f"{parts.scheme.replace('ws', 'http', 1)}://{parts.netloc}"
