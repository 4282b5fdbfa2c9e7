"""Pages that only say something."""

from fourhands.edge.http.headers import script_hash
from fourhands.edge.http.notice import not_found, notice


def test_what_it_says_cannot_become_markup() -> None:
    text = bytes(notice(400, "<b>", "a & <i>b</i>", '/p"ad').body).decode()
    assert "<h1>&lt;b&gt;</h1>" in text
    assert "a &amp; &lt;i&gt;b&lt;/i&gt;" in text
    assert 'href="/p&quot;ad/"' in text


def test_its_one_style_sheet_is_named_by_the_policy() -> None:
    answer = not_found()
    style = bytes(answer.body).decode().partition("<style>")[2].partition("</style>")[0]
    assert f"style-src {script_hash(style)};" in answer.headers["content-security-policy"]
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
