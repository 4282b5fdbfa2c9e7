"""What Piston's API takes (https://github.com/engineer-man/piston, api/src/api/v2.js): its fields, its order of looking at them, its sentences. Pure.

Where Piston ends with an error of its own (a name that climbs out of its folder, an argument that is no text), a sentence is said.
"""

import base64
import binascii
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from msgspec.structs import replace
from nodesemver import satisfies  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from fourhands.errors import InvalidRequest
from fourhands.execution.languages import Language
from fourhands.execution.port import Limits, Runtime, SourceFile
from fourhands.execution.rules import Rules

SELECTOR_CHARACTERS = 256
"""As in npm's semver."""
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Offer:
    """A runtime as Piston tells of it: under the name that Piston knows, with a version of three numbers."""

    runtime: Runtime
    language: str
    version: str
    aliases: tuple[str, ...]

    def shown(self) -> dict[str, object]:
        """As `/runtimes` lists it."""
        shown: dict[str, object] = {"language": self.language, "version": self.version, "aliases": list(self.aliases)}
        return shown | ({"runtime": self.runtime.runtime} if self.runtime.runtime else {})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that makes sense so far."""

    offer: Offer
    files: tuple[SourceFile, ...]
    args: tuple[str, ...]
    stdin: bytes
    limits: Limits

    def without_input(self) -> "Wanted":
        """For a program whose input comes later."""
        return Wanted(self.offer, self.files, self.args, b"", self.limits)


def offers(runtimes: Iterable[Runtime], languages: Iterable[Language]) -> list[Offer]:
    """What there is, by name."""
    theirs = {language.id: language.piston for language in languages if language.piston}
    made = [_offer(runtime, theirs.get(runtime.language, runtime.language)) for runtime in runtimes]
    return sorted(made, key=lambda offer: offer.language)


def _offer(runtime: Runtime, name: str) -> Offer:
    names = dict.fromkeys((runtime.language, *runtime.aliases))
    return Offer(runtime, name, three_numbers(runtime.version), tuple(other for other in names if other != name))


def three_numbers(version: str) -> str:
    """A version as semver writes it: `12.2` is `12.2.0`, `9u1` is `9.1.0`."""
    numbers = [str(int(number)) for number in _NUMBERS.findall(version)[:3]]
    return ".".join([*numbers, "0", "0", "0"][:3])


def read_wanted(body: object, available: list[Offer], rules: Rules) -> Wanted:
    """What a request wants. Raises `InvalidRequest` with Piston's sentence."""
    fields = cast("Mapping[str, object]", body if isinstance(body, dict) else {})
    language, version, files = fields.get("language"), fields.get("version"), fields.get("files")
    if not isinstance(language, str) or not language:
        raise InvalidRequest("language is required as a string")
    if not isinstance(version, str) or not version:
        raise InvalidRequest("version is required as a string")
    if not isinstance(files, list):
        raise InvalidRequest("files is required as an array")
    entries = [_entry(number, entry) for number, entry in enumerate(cast("list[object]", files))]
    offer = _choose(available, language, version)
    read = [_read_file(number, entry) for number, entry in enumerate(entries)]
    main = next((number for number, entry in enumerate(entries) if entry.get("encoding") in {None, "", "utf8"}), None)
    if main is None:
        raise InvalidRequest("files must include at least one utf8 encoded file")
    limits = _limits(fields, offer.runtime, rules)
    return Wanted(offer, (read[main], *read[:main], *read[main + 1 :]), _args(fields.get("args")), _stdin(fields.get("stdin")), limits)


def _entry(number: int, entry: object) -> "Mapping[str, object]":
    if not isinstance(entry, dict) or not isinstance(cast("Mapping[str, object]", entry).get("content"), str):
        raise InvalidRequest(f"files[{number}].content is required as a string")
    return cast("Mapping[str, object]", entry)


def _choose(available: list[Offer], language: str, version: str) -> Offer:
    """The newest that matches."""
    matching = [offer for offer in available if language in (offer.language, *offer.aliases) and _satisfies(offer.version, version)]
    if not matching:
        raise InvalidRequest(f"{language[:80]}-{version[:80]} runtime is unknown")
    return max(matching, key=lambda offer: tuple(int(number) for number in offer.version.split(".")))


def _satisfies(version: str, selector: str) -> bool:
    if len(selector) > SELECTOR_CHARACTERS:
        return False
    try:
        return bool(satisfies(version, selector, loose=False))
    except ValueError:
        return False


def _read_file(number: int, entry: "Mapping[str, object]") -> SourceFile:
    name, content, encoding = entry.get("name"), cast("str", entry["content"]), entry.get("encoding")
    if name is not None and not isinstance(name, str):
        raise InvalidRequest(f"files[{number}].name must be a string")
    try:
        match encoding:
            case "base64":
                raw = base64.b64decode(content, validate=True)
            case "hex":
                raw = bytes.fromhex(content)
            case _:  # Piston takes any other word for utf8
                raw = content.encode()
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(f"files[{number}].content is not {encoding or 'utf8'}: {error}") from error
    return SourceFile(name or f"file{number}.code", raw)


def _args(value: object) -> tuple[str, ...]:
    if not value:
        return ()
    args = cast("list[object]", value)
    if not isinstance(value, list) or not all(isinstance(arg, str) for arg in args):
        raise InvalidRequest("args must be an array of strings")
    return tuple(cast("list[str]", args))


def _stdin(value: object) -> bytes:
    """Piston ends it with the end of a line, also where there is none."""
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise InvalidRequest("stdin must be a string")
    try:
        return (value if value.endswith("\n") else value + "\n").encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("stdin is no text: half of a surrogate pair stands in it") from error


def _limits(fields: "Mapping[str, object]", runtime: Runtime, rules: Rules) -> Limits:
    """Times in milliseconds, memory in bytes. Piston has no limit of memory by default, which its clients say as -1: ours holds then."""
    usual = rules.fitted(rules.program, runtime, "batch")
    most_ms = round(rules.api_seconds_most * 1000)
    compile_ms, compile_cpu_ms = round(usual.compile_wall_seconds * 1000), round(usual.compile_cpu_seconds * 1000)
    cpu_ms = round(max(usual.cpu_seconds, rules.api_seconds_most) * 1000)
    compile_memory = _limit(fields, "compile_memory_limit", usual.compile_memory_bytes, usual.compile_memory_bytes)
    memory = _limit(fields, "run_memory_limit", usual.memory_bytes, usual.memory_bytes)
    compile_wall = _limit(fields, "compile_timeout", compile_ms, compile_ms)
    wall = _limit(fields, "run_timeout", round(rules.api_seconds * 1000), most_ms)
    compile_cpu = _limit(fields, "compile_cpu_time", compile_cpu_ms, compile_cpu_ms)
    cpu = _limit(fields, "run_cpu_time", round(usual.cpu_seconds * 1000), cpu_ms)
    return replace(
        usual,
        wall_seconds=wall / 1000,
        cpu_seconds=cpu / 1000,
        memory_bytes=int(memory),
        compile_wall_seconds=compile_wall / 1000,
        compile_cpu_seconds=compile_cpu / 1000,
        compile_memory_bytes=int(compile_memory),
        idle_seconds=wall / 1000,
    )


def _limit(fields: "Mapping[str, object]", name: str, usual: float, most: float) -> float:
    value = fields.get(name)
    if not value:
        return usual
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):  # Python's json reads NaN, which is past no limit
        raise InvalidRequest(f"If specified, {name} must be a number")
    if value > most:
        raise InvalidRequest(f"{name} cannot exceed the configured limit of {int(most)}")
    if value < 0 and not name.endswith("memory_limit"):
        raise InvalidRequest(f"{name} must be non-negative")
    return usual if value < 0 else value
