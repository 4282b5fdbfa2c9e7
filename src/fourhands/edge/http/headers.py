"""The security headers of everything that is served; pure. `pages` and the API put them on their answers.

No page of ours needs `unsafe-inline` or `unsafe-eval`. What participants run lives in the runner's frames: sandboxed,
of opaque origin, without any network. The page may frame these two exact addresses and nothing else, or a hostile
frame could navigate itself to our API.
"""

import base64
import hashlib
import re

from fourhands.errors import InvalidRequest

FRAME, PREVIEW = "runner/frame.html", "runner/preview.html"

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?"
_HOST = re.compile(rf"(?:{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::\d{{1,5}})?")
_INLINE_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=(), serial=(), hid=()"

ASSET_HEADERS = {**_EVERYWHERE, "Content-Security-Policy": "default-src 'none'; sandbox"}
"""For scripts, styles, pictures and runtimes: opened by themselves they do nothing."""

API_HEADERS = {**_EVERYWHERE, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Cache-Control": "no-store"}
"""For answers of the API."""

SERVICE_WORKER_HEADERS = {**_EVERYWHERE, "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}
"""A service worker fetches under the policy that its own script came with."""


def script_hash(script: str) -> str:
    """The CSP source of an inline script, as browsers compute it (line ends are normalised before)."""
    text = script.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def only_script(html: str) -> str:
    """The text of the one inline script of `html`. Raises `InvalidRequest` if there is not exactly one."""
    scripts = _INLINE_SCRIPT.findall(html)
    if len(scripts) != 1:
        raise InvalidRequest(f"A runner's frame holds exactly one inline script, this one holds {len(scripts)}: build the pages again.")
    return str(scripts[0])


def require_host(host: str) -> str:
    """A request's `Host`, as it came. Raises `InvalidRequest` for one that is none: it must never get into a header or a link."""
    if _HOST.fullmatch(host) is None:
        raise InvalidRequest("The request's Host header is not a host name.")
    return host


def own_address(scheme: str, host: str, root_path: str) -> str | None:
    """The address below which the requester sees us, from its `Host`; None if a policy cannot name it (IPv6 literals).

    Raises `InvalidRequest` for a host that is none.
    """
    return None if require_host(host).startswith("[") else f"{'https' if scheme in {'https', 'wss'} else 'http'}://{host.lower()}{root_path}"


def page_headers(addresses: list[str | None]) -> dict[str, str]:
    """Headers of a page that people open, at any of `addresses` (see `own_address`)."""
    frames = [f"{address}/{name}" for address in dict.fromkeys(addresses) if address is not None for name in (FRAME, PREVIEW)]
    policy = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "frame-src": " ".join(frames) if None not in addresses else "'self'",
        "media-src": "'self' blob:",
        "manifest-src": "'self'",
    }
    return {
        **_EVERYWHERE,
        "Content-Security-Policy": _written(policy),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": _PERMISSIONS,
    }


def notice_headers(style: str) -> dict[str, str]:
    """Headers of a page that only says something; `style` is its one inline style sheet."""
    policy = {"default-src": "'none'", "style-src": script_hash(style), "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
    return {**_EVERYWHERE, "Content-Security-Policy": _written(policy), "Cache-Control": "no-store"}


def frame_headers(html: str) -> dict[str, str]:
    """Headers of the frame that runs programs. Raises `InvalidRequest` if it has not exactly one inline script.

    `Document-Isolation-Policy` gives it a process of its own where the browser knows it, so that a previewed page that
    loops cannot hold up programs.
    """
    policy = _sandboxed({"script-src": f"{script_hash(only_script(html))} 'wasm-unsafe-eval' blob:"})
    return {**policy, "Document-Isolation-Policy": "isolate-and-require-corp"}


def preview_headers() -> dict[str, str]:
    """Headers of the frame that shows a participant's HTML page: it may do what it likes with itself, and reaches nothing.

    `Connection-Allowlist` closes what a policy leaves open (WebRTC, the preconnect of a blocked navigation) where the
    browser knows it.
    """
    scripts = {
        "script-src": "'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "font-src": "data:",
        "media-src": "data: blob:",
    }
    return {**_sandboxed(scripts), "Connection-Allowlist": "()"}


def _sandboxed(scripts: dict[str, str]) -> dict[str, str]:
    policy = {
        "sandbox": "allow-scripts",
        "default-src": "'none'",
        **scripts,
        "worker-src": "blob:",
        "connect-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-src": "'none'",
        "frame-ancestors": "'self'",
    }
    return {**_EVERYWHERE, "Content-Security-Policy": _written(policy)}


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
