"""Figures of matplotlib leave as pictures. Runs the machine's own Python where it has matplotlib; the programs are these."""

import os
import struct
import subprocess
from pathlib import Path

import pytest

from fourhands.execution.languages import detect

PYTHON = Path("/usr/bin/python3")
INSIDE = Path(detect.__file__).parent / "inside"
PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.skipif(not Path("/usr/lib/python3/dist-packages/matplotlib").is_dir(), reason="python3-matplotlib is not installed")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """matplotlib's list of fonts, made once for all of these."""
    return tmp_path_factory.mktemp("matplotlib")


def pictures_of(program: str, cache: Path, **environment: str) -> list[bytes]:
    """The pictures that a program sent."""
    read, write = os.pipe()
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(INSIDE), "MPLBACKEND": "module://fourhands_plots", "MPLCONFIGDIR": str(cache)}
    with subprocess.Popen(
        [PYTHON, "-W", "error", "-c", f"import matplotlib.pyplot as plt\n{program}"],
        env={**env, "FOURHANDS_PICTURES": str(write), **environment},
        pass_fds=[write],
        stderr=subprocess.PIPE,
    ) as ran:
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            stream = pipe.read()
        assert ran.communicate(timeout=60)[1] == b""
    assert ran.returncode == 0
    pictures: list[bytes] = []
    while stream:
        (length,) = struct.unpack(">I", stream[:4])
        pictures.append(stream[4 : 4 + length])
        stream = stream[4 + length :]
    assert all(picture.startswith(PNG) for picture in pictures)
    return pictures


def width_of(picture: bytes) -> int:
    return struct.unpack(">I", picture[16:20])[0]


def test_what_is_shown_and_what_is_left_open_comes_once(cache: Path) -> None:
    assert len(pictures_of("plt.plot([1, 2]); plt.show(); plt.figure(); plt.plot([3]); plt.figure()", cache)) == 3


def test_a_figure_that_was_closed_does_not_come(cache: Path) -> None:
    assert pictures_of("plt.plot([1, 2]); plt.savefig('/dev/null', format='png'); plt.close()", cache) == []


def test_a_figure_that_goes_on_comes_again_when_it_has_changed(cache: Path) -> None:
    program = "plt.plot([1]); plt.show(block=False); plt.show(block=False); plt.plot([2]); plt.show(block=False)"
    assert len(pictures_of(program, cache)) == 2


def test_after_a_show_a_new_figure_begins(cache: Path) -> None:
    assert len(pictures_of("plt.plot([1]); plt.show(); assert not plt.get_fignums(); plt.plot([2]); plt.show()", cache)) == 2


def test_one_that_is_too_large_comes_coarser(cache: Path) -> None:
    program = "import numpy; plt.figure(figsize=(8, 8)); plt.imshow(numpy.random.rand(600, 600))"
    (fine,), (coarse,) = pictures_of(program, cache), pictures_of(program, cache, FOURHANDS_PICTURE_BYTES="60000")
    assert width_of(fine) == 800
    assert width_of(coarse) < 800
    assert len(coarse) <= 60000


def test_nobody_there_to_take_it_is_no_failure(cache: Path) -> None:
    assert pictures_of("plt.plot([1])", cache, FOURHANDS_PICTURES="") == []
    assert pictures_of("plt.plot([1])", cache, FOURHANDS_PICTURES="977") == []
