# pyright: basic, reportMissingImports=false
"""matplotlib's backend inside of a sandbox: every figure that is shown, or left open at the end, goes out as a PNG picture.

Pictures go to the descriptor that FOURHANDS_PICTURES names, each as its length (4 bytes, big-endian) and its bytes. This file
is put into sandboxes and imported by nothing of ours; without matplotlib it costs nothing.
"""

import atexit
import io
import os
import struct

from matplotlib._pylab_helpers import Gcf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas  # noqa: F401 - what matplotlib asks a backend for

PICTURES = os.environ.get("FOURHANDS_PICTURES", "")
MOST_BYTES = int(os.environ.get("FOURHANDS_PICTURE_BYTES") or 2 * 1024 * 1024)
TRIES = 5
_shown = set()


def show(*_, block=True, **__):
    """What `plt.show()` does: the open figures go out and, as where a window was closed, are gone."""
    for manager in Gcf.get_all_fig_managers():
        if manager.num not in _shown or manager.canvas.figure.stale:
            _send(_picture(manager.canvas))
        _shown.add(manager.num)
        if block is not False:
            _shown.discard(manager.num)
            Gcf.destroy(manager)


def _picture(canvas):
    """A figure's PNG, coarser where it would be too large."""
    picture = b""
    for halving in range(TRIES):
        file = io.BytesIO()
        FigureCanvasAgg(canvas.figure).print_png(file) if halving == 0 else canvas.figure.savefig(file, dpi=canvas.figure.dpi / 2**halving)
        picture = file.getvalue()
        if len(picture) <= MOST_BYTES:
            break
    return picture


def _send(picture):
    """Write a picture; nobody to take it is no failure of the program."""
    if not PICTURES.isdigit():
        return
    left = memoryview(struct.pack(">I", len(picture)) + picture)
    try:
        while left:
            left = left[os.write(int(PICTURES), left) :]
    except OSError:
        pass


atexit.register(show)
