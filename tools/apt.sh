# Installs Debian packages for the Makefile when this user may, and says what is missing when not. Sourced, never run.

apt_install() { # apt_install WHAT PACKAGE...
  local what=$1 sudo=""
  shift
  if ! command -v apt-get >/dev/null; then
    echo "error: $what is missing. Install it with your system's package manager (on Debian: $*)." >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "error: $what is missing. Run: sudo apt-get install $*" >&2
      return 1
    fi
    sudo="sudo -n"
  fi
  echo "Installing $what ($*) ..."
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null || true
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null; then
    echo "error: $what could not be installed. Try: apt-get install $*" >&2
    return 1
  fi
}

find_browser() { # prints where Chromium is; FOURHANDS_CHROMIUM names another one
  if [ -n "${FOURHANDS_CHROMIUM:-}" ]; then
    echo "$FOURHANDS_CHROMIUM"
  else
    command -v chromium || command -v chromium-browser || command -v google-chrome
  fi
}

need_browser() { # the tests in a browser drive the system's Chromium
  if [ -n "${FOURHANDS_CHROMIUM:-}" ] && [ ! -x "$FOURHANDS_CHROMIUM" ]; then
    echo "error: FOURHANDS_CHROMIUM is $FOURHANDS_CHROMIUM, which cannot be run." >&2
    return 1
  fi
  find_browser >/dev/null || apt_install "Chromium for the tests in a browser" chromium
}

need_quick_browser() { # the same engine without windows takes half the time in tests; where it lacks, they take the whole browser
  [ -n "${FOURHANDS_CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null || ! grep -qs '^ID=debian' /etc/os-release ||
    apt_install "Chromium without windows for the tests in a browser" chromium-headless-shell || true
}

need_soak_tools() { # what the long runs look at the server with; without them some are skipped
  command -v strace >/dev/null || apt_install "strace for the long runs" strace || true
  command -v cc >/dev/null || apt_install "a C compiler for the long runs" gcc libc6-dev || true
}

need_sandbox() { # the tests that run programs; without these they are skipped
  command -v bwrap >/dev/null || apt_install "bubblewrap for running programs" bubblewrap || true
  command -v cc >/dev/null || apt_install "a C compiler for programs in C" gcc libc6-dev || true
}

need_languages() { # languages whose samples the tests run and that install in seconds; those that lack are skipped
  local package
  while read -r path package; do
    [ -e "$path" ] || apt_install "$package for its sample" "$package" || true
  done <<'CORE'
/usr/bin/python3 python3
/usr/bin/perl perl
/usr/bin/sqlite3 sqlite3
/usr/bin/gawk gawk
/usr/bin/lua5.4 lua5.4
/usr/bin/tclsh tcl
CORE
}

need_servers() { # what instances share, and what stands before them; without these, tests of several instances are skipped
  command -v redis-server >/dev/null || apt_install "Redis for the tests of several instances" redis-server || true
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || apt_install "PostgreSQL for the tests of several instances" postgresql || true
  [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || apt_install "nginx for the tests of several instances" nginx-light || true
}
