"""The table for people, and that the documentation has it as it is."""

from pathlib import Path

from fourhands.access.may import Actor, Verb
from fourhands.access.table import cell, markdown, team_markdown

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"


def test_a_cell_says_what_stands_in_the_way() -> None:
    assert cell(Actor.HOST, Verb.EDIT) == "yes"
    assert cell(Actor.EDITOR, Verb.EDIT) == "unless read-only"
    assert cell(Actor.VIEWER, Verb.EDIT) == "-"
    assert cell(Actor.STRANGER, Verb.JOIN) == "unless locked"
    assert (cell(Actor.HOST, Verb.RUN), cell(Actor.EDITOR, Verb.RUN)) == ("unless runs are off", "unless hosts alone run")


def test_the_documentation_has_the_table_as_it_is() -> None:
    documented = SECURITY.read_text("utf-8")
    assert markdown() in documented, "paste what `python -m fourhands permissions` prints"
    assert team_markdown() in documented, "paste what `python -m fourhands permissions` prints"
