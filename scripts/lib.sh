# Shared by scripts/demo, scripts/test and .ci/run. POSIX sh; source it from the top of the checkout.

say() { printf '\n==> %s\n' "$*" >&2; }
die() { printf '\nerror: %s\n' "$*" >&2; exit 1; }

is_ci() { [ "${CI:-}" = true ]; }

# May this script install system packages? Only as root on a Debian-like system.
may_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "installing system packages: $*"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

is_python311() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Prints the name of a Python 3.11 or newer; $PYTHON is tried first.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if is_python311 "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# make_venv DIR: an empty virtual environment, also on a Debian that ships Python without its venv module.
make_venv() {
    python=$(find_python) || die "Python 3.11 or newer is needed (set PYTHON=/path/to/python3 if it is not on PATH)"
    [ -x "$1/bin/python" ] && is_python311 "$1/bin/python" && return 0
    say "creating $1 with $("$python" --version)"
    if ! "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        may_apt || die "this Python lacks its venv module: install it (Debian, Ubuntu: apt-get install python3-venv)"
        apt_install python3-venv
    fi
    rm -rf "$1"
    "$python" -m venv "$1" || die "could not create $1"
}

# venv_install DIR REQUIREMENT: installs the checkout as REQUIREMENT (for example '.[test]') in the versions of
# requirements/ci.txt. Done once; again only when the project's dependencies changed.
venv_install() {
    make_venv "$1"
    sum=$(cat pyproject.toml requirements/ci.txt | cksum)
    grep -qxF "$sum $2" "$1/.onecard-installed" 2>/dev/null && return 0
    say "installing $2 into $1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check -c requirements/ci.txt -e "$2" >&2 ||
        die "pip could not install $2 (it needs a connection to the package index)"
    { grep -F "$sum " "$1/.onecard-installed" 2>/dev/null || true; echo "$sum $2"; } >"$1/.onecard-installed.new"
    mv "$1/.onecard-installed.new" "$1/.onecard-installed"
}
