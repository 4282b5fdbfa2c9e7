"""A page that only says something and needs no build: nothing here, pages not built. Any edge may answer with it."""

import html

from starlette.responses import HTMLResponse

from fourhands.edge.http.headers import notice_headers

_STYLE = (
    ":root{color-scheme:light dark;--paper:#fbfaf8;--ink:#1c1b19;--muted:#6b665f;--accent:#2f5fd0}"
    "@media(prefers-color-scheme:dark){:root{--paper:#161514;--ink:#ece8e1;--muted:#9b948a;--accent:#7ea2ff}}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:16px/24px system-ui}"
    "main{max-width:32rem;padding:24px}h1{font-size:28px;line-height:36px;margin:0 0 8px}p{color:var(--muted);margin:0 0 24px}"
    "a{color:var(--accent)}"
)


def notice(status: int, title: str, sentence: str, root_path: str = "") -> HTMLResponse:
    """A page of one title and one sentence, with a way back to the start."""
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)} · fourhands</title><style>{_STYLE}</style></head>\n"
        f"<body><main><h1>{html.escape(title)}</h1><p>{html.escape(sentence)}</p>"
        f'<a href="{html.escape(root_path)}/">Open a room</a></main></body></html>\n'
    )
    return HTMLResponse(text, status, headers=notice_headers(_STYLE))


def not_found(root_path: str = "") -> HTMLResponse:
    """The answer to an address that we do not have."""
    return notice(404, "Nothing here", "This address does not lead anywhere. Links to a room look like /r/k7f3-9q2m-x4tz.", root_path)
