"""The languages of a room, one TOML file each: what is here is discovered, there is no list to keep.

`language` reads the files; `recipe` is what each says of running it on a server, `detect` finds what this machine has of
that, `place` fits it to a program's files. docs/adding/language.md is for those who add one.
"""

from fourhands.execution.languages.language import Language, load_languages, read_language

__all__ = ["Language", "load_languages", "read_language"]
