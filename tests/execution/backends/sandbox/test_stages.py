"""The shell between bubblewrap and the payload."""

import subprocess

from fourhands.execution.backends.sandbox.stages import build_script, build_warm_script


def test_a_program_without_a_compiler_never_waits() -> None:
    script = build_script("", "exec true")
    assert "read" not in script
    assert script.splitlines()[-1] == "exec true"


def test_the_compiler_has_none_of_the_descriptors_and_no_input() -> None:
    lines = build_script("gcc main.c", "exec ./main").splitlines()
    before, after = lines.index("gcc main.c") - 1, lines.index("gcc main.c") + 1
    assert lines[before] == "( exec 7>&- 8<&- 9>&- </dev/null"
    assert lines[after] == ") || exit"


def test_the_program_has_only_the_pictures_descriptor() -> None:
    lines = build_script("gcc main.c", "exec ./main").splitlines()
    assert lines[-2] == "exec 8<&- 9>&-"


def test_scripts_are_shell() -> None:
    for script in (build_script("gcc main.c", 'exec ./main "$@"'), build_script("", "exec true"), build_warm_script("exec python3 x")):
        subprocess.run(["sh", "-n", "-c", script], check=True)
