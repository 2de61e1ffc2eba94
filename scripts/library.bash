# What the scripts share: saying things, finding Python, setting up, starting a container engine. Sourced, never run.
# Everything said goes to stderr, because stdout belongs to the program that a script runs.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV="$ROOT/.venv"
STATE="${XDG_STATE_HOME:-${HOME:-$ROOT}/.local/state}/studio"
PYTHON=""

say() { printf '• %s\n' "$*" >&2; }

# fail SENTENCE ACTION: ends the script.
fail() {
    printf '✗ %s\n  %s\n' "$1" "${2:-}" >&2
    exit 1
}

is_root_on_debian() { [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; }

find_python() {
    local name
    for name in ${STUDIO_PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            PYTHON=$name
            return
        fi
    done
    fail "Studio needs Python 3.11 or newer with its venv module, and none was found." \
        "Install it (Debian, Ubuntu: apt-get install python3 python3-venv · macOS: brew install python@3.13), then run this again."
}

checksum() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1
}

# set_up run|test: makes everything ready; returns at once when nothing changed since the last time.
set_up() {
    local wanted
    wanted=$( { printf '%s\n' "$ROOT"; cat "$ROOT"/requirements*.lock "$ROOT/scripts/packages.txt"; } | checksum)
    is_ready "$1" "$wanted" || under_lock install_everything "$1" "$wanted"
}

is_ready() {
    local stamp="$VENV/.ready-$1"
    [ -f "$stamp" ] && [ "$(<"$stamp")" = "$2" ] && [ -x "$VENV/bin/python" ]
}

# Two first starts at once must not write the same folder.
under_lock() {
    if command -v flock >/dev/null; then
        ( exec 9>"$ROOT/.setup.lock" && { flock -n 9 || { say "Waiting for another set-up of this copy"; flock 9; }; } && "$@" )
    else
        ( "$@" )
    fi
}

install_everything() {
    local purpose=$1 wanted=$2
    if is_ready "$purpose" "$wanted"; then return; fi
    say "Setting up Studio in $ROOT (first time: some minutes and about 2 GB)"
    install_system_packages "$purpose"
    find_python
    make_environment
    install_libraries "$purpose"
    printf '%s' "$wanted" >"$VENV/.ready-$purpose"
    # Whoever can run the tests can run Studio.
    if [ "$purpose" = test ]; then printf '%s' "$wanted" >"$VENV/.ready-run"; fi
    say "Ready"
}

install_system_packages() {
    local missing
    command -v dpkg-query >/dev/null || return 0
    missing=$(missing_packages "$1")
    [ -n "$missing" ] || return 0
    if ! is_root_on_debian; then
        say "Missing system packages (parts of Studio will not work without them). Install them with:"
        say "    sudo apt-get install $missing"
        return 0
    fi
    say "Installing system packages: $missing"
    local log
    log=$(mktemp)
    # shellcheck disable=SC2086  # the list is words
    if ! { apt_get update && apt_get install --no-install-recommends $(installable $missing); } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "System packages could not be installed (see above)." "Run: apt-get update && apt-get install $missing"
    fi
    rm -f "$log"
}

apt_get() { DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -y -o DPkg::Lock::Timeout=300 "$@"; }

missing_packages() {
    local who names name missing=""
    while read -r who names; do
        case $who in run) ;; test) [ "$1" = test ] || continue ;; *) continue ;; esac
        for name in ${names//|/ }; do
            if provided "$name"; then continue 2; fi
        done
        missing="$missing ${names}"
    done <"$ROOT/scripts/packages.txt"
    # The first of several names stands for all when one is only told about it.
    printf '%s' "${missing# }" | sed 's/|[^ ]*//g'
}

# What a package is wanted for can be there without the package: a newer Docker, Node from elsewhere.
provided() {
    case $1 in
        docker.io) command -v dockerd >/dev/null && return ;;
        nodejs) command -v node >/dev/null && return ;;
        ripgrep) command -v rg >/dev/null && return ;;
        bubblewrap) command -v bwrap >/dev/null && return ;;
        openssh-server) { command -v sshd || [ -x /usr/sbin/sshd ]; } >/dev/null && return ;;
        git | npm | iptables | debootstrap) command -v "$1" >/dev/null && return ;;
        python3-venv) (find_python) 2>/dev/null && return ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Debian's and Ubuntu's names differ for a few libraries: takes the one this system can install.
installable() {
    local name
    for name in "$@"; do
        if ! apt-cache show "$name" >/dev/null 2>&1 && apt-cache show "${name}t64" >/dev/null 2>&1; then name="${name}t64"; fi
        printf '%s ' "$name"
    done
}

make_environment() {
    if "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
        grep -qsxF "$ROOT" "$VENV"/lib/python*/site-packages/studio.pth; then
        return
    fi
    say "Making a virtual environment with $("$PYTHON" --version)"
    "$PYTHON" -m venv --clear "$VENV"
    printf '%s\n' "$ROOT" >"$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/studio.pth"
}

install_libraries() {
    local list=requirements.lock log count
    [ "$1" = run ] || list=requirements-dev.lock
    count=$(grep -c '^[A-Za-z]' "$ROOT/$list")
    say "Installing $count Python libraries"
    log=$(mktemp)
    if ! (cd "$ROOT" && "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps \
        --require-hashes --progress-bar off -r "$list" 2>&1 </dev/null) | tee "$log" | progress "$count"; then
        grep -vE '^(Collecting|Downloading|Using cached|Ignoring|  )' "$log" | tail -n 15 >&2
        rm -f "$log"
        fail "The Python libraries could not be installed (see above)." \
            "Check the network and pip's settings, then run this again: it goes on where it stopped."
    fi
    rm -f "$log"
}

progress() {
    local line done=0
    while IFS= read -r line; do
        case $line in
            Collecting* | Requirement\ already*) done=$((done + 1)) ;;
            Installing\ collected*) say "  all fetched, unpacking" ; continue ;;
            *) continue ;;
        esac
        if [ $((done % 20)) = 0 ]; then say "  $done of $1 fetched"; fi
    done
}

# names_engine: whether the person named an engine, so that none here takes its place. The context `default` is this
# machine's own.
names_engine() { [ -n "${DOCKER_HOST:-}" ] || { [ -n "${DOCKER_CONTEXT:-}" ] && [ "$DOCKER_CONTEXT" != default ]; }; }

engine_answers() {
    if command -v timeout >/dev/null; then timeout 10 docker version --format x; else docker version --format x; fi >/dev/null 2>&1
}

# ensure_engine: a container engine that answers, started here when this is root on Linux with dockerd installed.
# Returns 1 when there is none; sets STARTED_ENGINE to its process id when it was started here.
STARTED_ENGINE=""
ensure_engine() {
    if engine_answers; then return; fi
    if names_engine; then
        say "No container engine answers at ${DOCKER_HOST:-the Docker context $DOCKER_CONTEXT}. Start it, or unset DOCKER_HOST and DOCKER_CONTEXT to use the one of this machine."
        return 1
    fi
    if [ "$(uname -s)" != Linux ]; then
        say "No container engine answers: start Docker Desktop, OrbStack, Colima or Podman."
        return 1
    fi
    if ! command -v dockerd >/dev/null; then
        say "No container engine is installed. Install one: sudo apt-get install docker.io"
        return 1
    fi
    if [ "$(id -u)" != 0 ]; then
        say "No container engine answers you. Start it: sudo systemctl start docker · or join its group: sudo usermod -aG docker $(id -un), then log in again"
        return 1
    fi
    start_engine
}

start_engine() {
    local log="$STATE/dockerd.log" waited=0
    mkdir -p "$STATE"
    say "Starting the container engine (dockerd; log: $log)"
    # A pid file that a killed engine left names a process that may now be anything.
    if [ -f /var/run/docker.pid ] && ! grep -qs dockerd "/proc/$(cat /var/run/docker.pid)/comm"; then rm -f /var/run/docker.pid; fi
    # In a subshell, so that the engine is nobody's child: what this script becomes must not find one.
    ( setsid dockerd >"$log" 2>&1 </dev/null & printf '%s\n' "$!" >"$STATE/dockerd.pid" )
    STARTED_ENGINE=$(<"$STATE/dockerd.pid")
    until engine_answers; do
        waited=$((waited + 1))
        if ! kill -0 "$STARTED_ENGINE" 2>/dev/null || [ "$waited" -gt 150 ]; then
            tail -n 5 "$log" >&2
            say "The container engine did not start (see above). Try it by hand: dockerd"
            STARTED_ENGINE=""
            return 1
        fi
        sleep 0.2
    done
}

stop_engine() {
    [ -n "$STARTED_ENGINE" ] || return 0
    say "Stopping the container engine"
    kill "$STARTED_ENGINE" 2>/dev/null || true
    # Its containers are ended first, which takes it up to a quarter of a minute.
    for _ in $(seq 100); do
        kill -0 "$STARTED_ENGINE" 2>/dev/null || break
        sleep 0.2
    done
    STARTED_ENGINE=""
    rm -f "$STATE/dockerd.pid"
}
