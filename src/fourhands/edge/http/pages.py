"""The pages and their assets, as the web build left them in `static`. `app` includes the router.

What is there is looked up once, at start: an address is a key of a table and never a path on the disk. Hashed assets
are kept by browsers for ever; everything else is asked for each time and answered with 304 while it is the same.
Never answers with a redirect: the runner's frames must not be led anywhere.
"""

import gzip
import hashlib
import html
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from fourhands.edge.http import headers as security
from fourhands.edge.http.negotiate import SUFFIXES, choose_coding, is_current
from fourhands.edge.http.notice import not_found, notice

IMMUTABLE = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
PAGES = ("/login", "/register", "/account", "/rooms", "/teams", "/admin")
HASHED = ("assets/", "runner/assets/")
SERVICE_WORKER = "sw.js"
NOT_BUILT = ("The pages are not built", "The server runs, but its pages are missing. Build them with “make pages”, then start it again.")
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
"""Spelled out, since what the machine knows of types differs; anything else is bytes."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something served: its variants by coding (`""` is the plain one), each a file or, for what we changed, its bytes."""

    variants: dict[str, Path | bytes]
    media_type: str
    cache_control: str
    tag: str

    def answer(self, request: Request, headers: dict[str, str]) -> Response:
        """The variant that the client wants, or 304 if it has it. Raises `OSError` if its file is gone since the start."""
        coding = choose_coding(request.headers.get("accept-encoding", ""), self.variants.keys()) or ""
        tag = f'"{self.tag}-{coding}"' if coding else f'"{self.tag}"'
        headers = {**headers, "Cache-Control": self.cache_control, "ETag": tag, "Vary": "Accept-Encoding"}
        if is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        headers["Content-Type"] = self.media_type
        content = self.variants[coding]
        if isinstance(content, Path):
            return FileResponse(content, headers=headers, stat_result=content.stat())
        if request.method == "HEAD":
            return Response(headers={**headers, "Content-Length": str(len(content))})
        return Response(content, headers=headers)


def find_resources(static: Path) -> dict[str, Resource]:
    """Everything below `static` by its name there; compressed siblings are variants, hidden files are left out."""
    resources: dict[str, Resource] = {}
    for path in sorted(static.rglob("*")):
        name = path.relative_to(static).as_posix()
        if not path.is_file() or path.suffix in SUFFIXES.values() or name.startswith(".") or "/." in name:
            continue
        variants: dict[str, Path | bytes] = {"": path}
        for coding, suffix in SUFFIXES.items():
            sibling = path.with_name(path.name + suffix)
            if sibling.is_file():
                variants[coding] = sibling
        hashed = name.startswith(HASHED)
        resources[name] = Resource(
            variants=variants,
            media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
            cache_control=IMMUTABLE if hashed else ASK_EACH_TIME,
            tag=_tag(f"{name} {path.stat().st_size}".encode() if hashed else path.read_bytes()),
        )
    return resources


def render_index(index: str, root_path: str, accounts: str) -> Resource:
    """The one page, with its relative addresses led below `root_path`: it stands at `/`, at `/r/{id}` and at `PAGES`. It is told who may register."""
    root = html.escape(root_path)
    body = index.replace('"./', f'"{root}/').replace('data-root=""', f'data-root="{root}" data-accounts="{html.escape(accounts)}"').encode()
    return Resource({"": body, "gzip": gzip.compress(body, 9, mtime=0)}, MEDIA_TYPES[".html"], ASK_EACH_TIME, _tag(body))


def find_policies(static: Path, root_path: str) -> dict[str, dict[str, str]]:
    """The headers of what is more than an asset, by name. Raises `InvalidRequest` if a runner's frame was built wrongly."""
    policies = {
        security.PREVIEW: security.preview_headers(),
        SERVICE_WORKER: {**security.SERVICE_WORKER_HEADERS, "Service-Worker-Allowed": f"{root_path}/"},
    }
    frame = static / security.FRAME
    if frame.is_file():
        policies[security.FRAME] = security.frame_headers(frame.read_text())
    return policies


def pages_router(static: Path, root_path: str = "", public_url: str = "", accounts: str = "off") -> APIRouter:
    """Routes for the pages and all assets in `static`. Everything they answer carries its security headers.

    `root_path` is where a proxy serves us, such as `/pad`, without a slash at the end; `public_url` is the address that
    people use when their requests do not name it; `accounts`: who may register (`open`, `invite` or
    `off`). Raises `InvalidRequest` if a runner's frame was built wrongly.
    """
    resources = find_resources(static)
    policies = find_policies(static, root_path)
    page = render_index((static / "index.html").read_text(), root_path, accounts) if resources.pop("index.html", None) else None

    async def show_page(request: Request) -> Response:
        if page is None:
            return notice(503, *NOT_BUILT, root_path)
        addresses = [security.own_address(request.url.scheme, request.headers.get("host", ""), root_path)]
        if public_url:
            addresses.append(public_url if public_url.endswith(root_path) else public_url + root_path)
        return page.answer(request, security.page_headers(addresses))

    def asset_route(path: str, folder: str) -> None:
        async def show_asset(request: Request) -> Response:
            name = folder + request.path_params.get("name", "")
            resource = resources.get(name)
            try:
                return resource.answer(request, policies.get(name, security.ASSET_HEADERS)) if resource else not_found(root_path)
            except OSError:  # others were built meanwhile
                return not_found(root_path)

        router.add_route(path, show_asset, methods=["GET"])

    router = APIRouter(include_in_schema=False)
    for path in ("/", *PAGES, "/r/{room}"):
        router.add_route(path, show_page, methods=["GET"])
    # whole folders, so that no redirect for a slash too many comes in below the runner's path
    for folder in sorted({"assets", "runner"} | {name.split("/")[0] for name in resources if "/" in name}):
        asset_route(f"/{folder}/{{name:path}}", f"{folder}/")
    for name in resources:
        if "/" not in name:
            asset_route(f"/{name}", name)
    return router


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]
