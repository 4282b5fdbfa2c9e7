"""The watch over every page can be trusted: what ought to fail a test is heard."""

import pytest

from tests.e2e.fixtures import ManyPeople
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("console.error('a fault')", "console: a fault"),
        ("setTimeout(() => { throw new Error('a fault') })", "uncaught: a fault"),
        ("void fetch('http://localhost:9/').catch(() => undefined)", "policy: connect-src blocked http://localhost:9/"),
        ("open('http://localhost:9/')", "asked another origin: http://localhost:9/"),
        ("document.body.innerHTML = '<p style=\"color: red\">'", "policy: style-src-attr blocked inline"),
        (
            "document.body.append(Object.assign(document.createElement('script'), { src: 'https://example.org/x.js' }))",
            "policy: script-src-elem blocked https://example.org",
        ),
    ],
)
async def test_a_fault_in_a_page_is_a_complaint(server: ServerProcess, people: ManyPeople, fault: str, said: str) -> None:
    ada = await people("Ada")
    page = await ada.go(server.url)
    await page.evaluate(f"() => {{ {fault} }}")
    async with page.expect_console_message(lambda message: message.text == "heard all before"):
        await page.evaluate("() => setTimeout(() => console.log('heard all before'), 200)")
    complaints, ada.complaints = ada.complaints, []
    assert any(said in complaint for complaint in complaints), complaints
