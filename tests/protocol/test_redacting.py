"""A text is taken out of JSON however it is written there, and out of output that came in pieces."""

import msgspec
import pytest

from fourhands.protocol.redacting import ERASED, redact, redact_text, rename, unsay


def test_it_is_found_behind_the_escapes_of_json() -> None:
    payload = b'{"text":"say \\"hi\\"\\n\\u00fc!","member":{"name":"\\"hi\\"\\n\xc3\xbc"},"args":["-x",["\\"hi\\"\\n\\u00fc"]],"at":5}'
    written, found = redact(payload, '"hi"\nü')
    assert found == 3
    assert msgspec.json.decode(written) == {"text": f"say {ERASED}!", "member": {"name": ERASED}, "args": ["-x", [ERASED]], "at": 5}


def test_our_own_words_stay_whatever_is_erased() -> None:
    run = {"id": "running1", "status": "running", "language": "python", "text": "python is running", "output": [["stdout", "to stdout"]]}
    for secret, text, output in (("running", f"python is {ERASED}", "to stdout"), ("stdout", "python is running", f"to {ERASED}")):
        written = msgspec.json.decode(redact(msgspec.json.encode(run), secret)[0])
        assert written == {**run, "text": text, "output": [["stdout", output]]}


def test_what_does_not_hold_it_stays_byte_for_byte() -> None:
    payload = b'{ "text" : "h\\u00fc" }'
    assert redact(payload, "x")[0] is payload
    assert redact_text("plain", "x") == ("plain", 0)


@pytest.mark.parametrize(
    ("output", "left", "times"),
    [
        ([["stdout", "a hun"], ["stdout", "ter2 b"]], [["stdout", f"a {ERASED}"], ["stdout", " b"]], 1),
        ([["stdout", "hun"], ["stdout", "te"], ["stdout", "r2hunter2."]], [["stdout", ERASED], ["stdout", ""], ["stdout", f"{ERASED}."]], 2),
        ([["stdout", "hun"], ["stderr", "!"], ["stdout", "ter2"]], [["stdout", ERASED], ["stderr", "!"], ["stdout", ""]], 1),
        ([["stdout", "hun"], ["stderr", "ter2"]], [["stdout", ERASED], ["stderr", ""]], 1),
        ([["stdout", "hunter"]], [["stdout", "hunter"]], 0),
    ],
)
def test_output_is_read_on_from_piece_to_piece(output: list[list[str]], left: list[list[str]], times: int) -> None:
    written, found = redact(msgspec.json.encode({"id": "r", "output": output, "args": []}), "hunter2")
    assert (msgspec.json.decode(written)["output"], found) == (left, times)


def test_what_is_no_json_is_taken_for_a_text() -> None:
    assert redact(b"\xff hunter2", "hunter2") == (b"\xff [erased]", 1)


def test_a_member_is_renamed_where_they_are_named_and_nobody_else() -> None:
    payload = msgspec.json.encode(
        {"id": 7, "member": "m1", "name": "Ada", "text": "I am Ada", "inner": [{"id": "m1", "name": "Ada"}, {"id": "m2", "name": "Ada"}]}
    )
    assert msgspec.json.decode(rename(payload, "m1", "Someone")) == {
        "id": 7,
        "member": "m1",
        "name": "Someone",
        "text": "I am Ada",
        "inner": [{"id": "m1", "name": "Someone"}, {"id": "m2", "name": "Ada"}],
    }
    assert rename(payload, "m9", "Someone") is payload


def test_what_a_member_said_goes_and_that_they_did_stays() -> None:
    message = msgspec.json.encode({"id": 7, "member": "m1", "name": "Ada", "color": "#111111", "text": "hello", "at": 5})
    assert msgspec.json.decode(unsay(message, "m1")) == {"id": 7, "member": "m1", "name": "Ada", "color": "#111111", "text": ERASED, "at": 5}
    run = {"id": "r1", "member": "m1", "name": "Ada", "file": "main", "status": "ok", "page": "<p>", "message": None, "ms": 3}
    given = {"output": [["stdout", "hi"]], "pictures": [{"data": "aGk="}], "args": ["a"], "stdin": "in"}
    left = {**run, "page": ERASED, "output": [], "pictures": [], "args": [], "stdin": ERASED}
    assert msgspec.json.decode(unsay(msgspec.json.encode({**run, **given}), "m1")) == left


def test_nothing_else_is_unsaid() -> None:
    for payload in (
        msgspec.json.encode({"member": "m2", "text": "of another"}),
        msgspec.json.encode({"member": "m1", "change": "title", "title": "Of the room"}),
        msgspec.json.encode({"member": "m1", "text": ""}),
        msgspec.json.encode(["m1"]),
        b"\xff no JSON",
    ):
        assert unsay(payload, "m1") is payload
    once = unsay(msgspec.json.encode({"member": "m1", "text": "hello"}), "m1")
    assert unsay(once, "m1") is once
