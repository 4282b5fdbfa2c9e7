"""Fits a toolchain to a program: what its files are called, which belong together, which of them starts.

Pure, and linear in the size of what people wrote. The backend calls `place` before it runs a job.
"""

import re
import shlex
from pathlib import PurePosixPath

import msgspec

from fourhands.errors import InvalidRequest
from fourhands.execution.port import Job, Placing, SourceFile, Toolchain
from fourhands.execution.programs import name_fault

_NOISE = re.compile(r'("(?:\\.|[^"\\\n])*"?)|//[^\n]*|/\*(?:.*?\*/|.*)', re.DOTALL)
"""Strings and comments as C and its family write them. Each alternative takes what is not closed too, so that no text makes it
look twice at the same place."""
_BRACE = re.compile(r"[{}]")


def place(toolchain: Toolchain, job: Job) -> tuple[Toolchain, Job]:
    """The toolchain with its lines made for this job, and the job with its files called as the language wants.

    Raises `InvalidRequest` if two files would have the same name, or the main one a name that no file may have.
    """
    if not job.files:
        return toolchain, job
    placing = toolchain.placing
    texts = {file.name: _text(file) for file in job.files}
    first = job.files[0]
    main = _main_name(toolchain, first.name, texts[first.name])
    if fault := name_fault(main):
        raise InvalidRequest(f"The main file would be called {main[:80]!r} here: {fault}.")
    files = [msgspec.structs.replace(first, name=main), *job.files[1:]]
    names = [file.name for file in files]
    if clash := next((name for name in names if names.count(name) > 1), None):
        raise InvalidRequest(f"Two files are called {clash}: the main one has to be, so give the other another name.")
    text = texts[first.name]
    added = [SourceFile(one.name, one.text.encode()) for one in placing.added if one.name not in names and re.search(one.when, text, re.MULTILINE)]
    others = [_word(file.name) for file in files[1:] if _belongs(placing, main, file.name, texts[file.name])]
    stem = PurePosixPath(main).with_suffix("")
    words = {"main": _word(main), "stem": _word(str(stem)), "others": " ".join(others), "sources": " ".join([_word(main), *others])}
    if placing.class_:
        words["class"] = _word(_class(placing, text) or stem.name)
    lines = {name: _filled(getattr(toolchain, name), words) for name in ("compile", "run", "repl")}
    return msgspec.structs.replace(toolchain, **lines), msgspec.structs.replace(job, files=(*files, *added))


def without_comments(text: str) -> str:
    """A text of C's family without comments, and with empty strings."""
    return _NOISE.sub(lambda match: '""' if match[1] else " ", text)


def _text(file: SourceFile) -> str:
    return without_comments(file.content.decode("utf-8", "replace"))


def _main_name(toolchain: Toolchain, name: str, text: str) -> str:
    placing, path = toolchain.placing, PurePosixPath(name or toolchain.main)
    if placing.extensions and path.suffix.removeprefix(".") not in placing.extensions:
        path = path.with_name(f"{path.stem}.{placing.extensions[0]}")
    if placing.stem and (found := re.search(placing.stem, text, re.MULTILINE)):
        path = path.with_name((found[1].lower() if placing.stem_case == "lower" else found[1]) + path.suffix)
    return str(path)


def _belongs(placing: Placing, main: str, name: str, text: str) -> bool:
    """Whether another file is of the main one's program: in its language, and no program of its own."""
    path = PurePosixPath(name)
    if path.suffix.removeprefix(".") not in placing.extensions or (placing.same_folder and path.parent != PurePosixPath(main).parent):
        return False
    return not (placing.entry and re.search(placing.entry, text, re.MULTILINE))


def _class(placing: Placing, text: str) -> str:
    """The name, with its package, of what is declared outside of braces and holds the entry; of the first if none does."""
    package = re.search(r"^[ \t]*package[ \t]+([\w.]+)", text, re.MULTILINE)
    prefix = f"{package[1]}." if package else ""
    marks = [(match.start(), "declared", match[1]) for match in re.finditer(placing.class_, text, re.MULTILINE)]
    marks += [(match.start(), "entry", "") for match in re.finditer(placing.entry, text, re.MULTILINE)]
    marks += [(match.start(), match[0], "") for match in _BRACE.finditer(text)]
    depth, first, current = 0, "", ""
    for _, kind, name in sorted(marks):
        if kind == "{":
            depth += 1
        elif kind == "}":
            depth -= 1
        elif kind == "declared" and depth == 0:
            first, current = first or name, name
        elif kind == "entry" and current:
            return prefix + current
    return prefix + first if first else ""


def _word(name: str) -> str:
    """A name as a word of the shell that no program takes for an option."""
    return shlex.quote(f"./{name}" if name[:1] in "-@+" else name)


def _filled(line: str, words: dict[str, str]) -> str:
    return re.sub(r"(?<!\$)\{([a-z]+)\}", lambda match: words.get(match[1], match[0]), line)
