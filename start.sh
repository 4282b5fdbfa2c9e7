#!/bin/sh
# Starts fourhands from a checkout where there is no make: finds Python, makes .venv, installs what is needed by its hashes, builds the pages, serves.
#   ./start.sh                  http://127.0.0.1:8000; Ctrl+C ends it
#   ./start.sh --port 9000      options are those of `fourhands serve`; settings come from the environment (docs/operations.md)
# PYTHON=/path/to/python chooses a Python. What it makes is what `make run` makes: either can go on from the other.
set -eu
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    new_enough "$PYTHON" || { say "error: PYTHON is $PYTHON, which is not Python 3.11 or newer."; return 1; }
    echo "$PYTHON"
    return
  fi
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if new_enough "$name"; then
      echo "$name"
      return
    fi
  done
  say "error: no Python 3.11 or newer was found. Install one (on Debian and Ubuntu: apt-get install python3 python3-venv), or name it: PYTHON=/path/to/python ./start.sh"
  return 1
}

make_environment() {
  python=$(find_python) || exit 1
  if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    say "error: this Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv"
    exit 1
  fi
  say "Making a Python environment in .venv ..."
  "$python" -m venv .venv
}

is_newer() { [ -n "$(find "$1" -newer "$2" 2>/dev/null)" ]; }

[ -x .venv/bin/python ] || make_environment
if [ ! -e .venv/.runtime-installed ] || is_newer requirements.lock .venv/.runtime-installed; then
  say "Installing what the server needs ..."
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; then
    say "error: the packages could not be installed; what pip said stands above. Without a network, use a wheel that somebody has built (docs/operations.md)."
    exit 1
  fi
  .venv/bin/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "fourhands-sources.pth").write_text(str(pathlib.Path("src").resolve()))'
  touch .venv/.runtime-installed
fi
.venv/bin/python hatch_build.py
exec .venv/bin/python -m fourhands serve "$@"
