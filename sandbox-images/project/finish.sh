#!/bin/sh
# Makes a project's image fit for a sandbox: a place to work in, and the programs that Studio speaks to.
# With `try`, as the user that a sandbox has, it only sees whether they run.
set -eu

# One that is there is tried, because an old or a broken one is as good as none.
works() {
    case $1 in
        python3) python3 -c 'import sys, json, select, socket, zlib, ctypes; sys.exit(sys.version_info < (3, 8))' ;;
        bash) bash -c 'printf -v tried %s yes && [ "$tried" = yes ]' ;;
        git) git --version ;;
    esac > /dev/null 2>&1
}

if [ "${1:-}" = try ]; then
    for name in python3 bash git; do
        works "$name" || { echo "in this image a user that is not root cannot run $name" >&2; exit 1; }
    done
    exit 0
fi

mkdir -p /workspace /studio/cache
chmod 1777 /studio/cache

case ":$PATH:" in
    *:/usr/local/bin:*) place=/usr/local/bin ;;
    *) place=/usr/bin ;;
esac
mkdir -p "$place"

for name in python3 bash git; do
    works "$name" || ln -sf "/studio/tools/bin/$name" "$place/$name"
    works "$name" || { echo "this image cannot run $name" >&2; exit 1; }
done
