"""Updates made by hand, and by pycrdt, for the tests beside this."""

from typing import Any

from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

from fourhands.protocol.varint import write_bytes, write_varuint


def text_of(doc: "Doc[Any]") -> Text:
    return doc.get("t", type=Text)


def writer(client: int) -> tuple["Doc[Any]", list[bytes]]:
    doc: Doc[Any] = Doc(client_id=client)
    sent: list[bytes] = []
    doc.observe(lambda event: sent.append(event.update))
    return doc, sent


def one_of_everything(doc: "Doc[Any]") -> None:
    text_of(doc).insert(0, "plain, ünïcode, 林 and 👩‍💻")
    text_of(doc).format(0, 5, {"bold": True})
    text_of(doc).insert_embed(3, {"image": "x.png"})
    doc.get("a", type=Array).extend([1, -70_000, 2**40, 1.5, "s", True, False, None, {"k": [1, {"deep": None}]}, b"\x00\xff"])
    doc.get("m", type=Map)["nested"] = Map({"array": Array([Text("inner")]), "number": 1})
    doc.get("x", type=XmlFragment).children.append(XmlElement("p", {"class": "c"}, [XmlText("hi")]))
    del text_of(doc)[0:3]
    doc.get("m", type=Map)["sub"] = Doc()


def section(client: int, clock: int, *structs: bytes) -> bytes:
    return write_varuint(len(structs)) + write_varuint(client) + write_varuint(clock) + b"".join(structs)


def update(*sections: bytes, deletes: bytes = b"\x00") -> bytes:
    return write_varuint(len(sections)) + b"".join(sections) + deletes


def letters(text: str, *, origin: tuple[int, int] | None = None) -> bytes:
    if origin is None:
        return b"\x04\x01" + write_bytes(b"t") + write_bytes(text.encode())
    return b"\x84" + write_varuint(origin[0]) + write_varuint(origin[1]) + write_bytes(text.encode())


def skip(length: int) -> bytes:
    return b"\x0a" + write_varuint(length)
