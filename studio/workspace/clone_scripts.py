"""The shell scripts that work on a run's clone, inside its container only."""

from __future__ import annotations

from studio.domain.kept_files import BESIDE

# The scripts keep an index of their own, .git/studio/index. What the agent stages, commits, stashes or has
# half merged stays as the agent left it, and its locks and hooks do not concern us. `git diff` in the
# container therefore shows the agent everything it changed, whether a snapshot was taken of it or not.
_COMMON = (
    f"beside='*{BESIDE}*'"
    r"""
set -eu
umask 022
objects=$1 branch=$2 head=$3 format=$4 name=$5 email=$6
quiet_git() { git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 "$@"; }

ours() { GIT_DIR=.git GIT_WORK_TREE=. GIT_INDEX_FILE=.git/studio/index quiet_git "$@"; }

# One process tells whether the newest snapshot can be read, its tree, and what the agent's HEAD stands on.
read_state() {
    state=$(ours rev-parse "$head^{tree}" 'HEAD^{commit}' 2> /dev/null) || {
        state=$(ours rev-parse --verify "$head^{tree}" 2> /dev/null) || return 1
    }
    head_tree=${state%%[!0-9a-f]*} seen=
    if [ "$state" != "$head_tree" ]; then seen=${state##*[!0-9a-f]}; fi
}

init() { git init --quiet --template= --object-format="$format" --initial-branch="$branch" .; }

# What is kept beside a file may be of one that is ignored, with a secret in it.
leave_out_what_is_kept() {
    grep -qsxF "$beside" .git/info/exclude || printf '%s\n' "$beside" >> .git/info/exclude
}

make_repository() {
    # Something that git can make no repository of is set aside: without one nothing the agent does can be saved.
    init 2> /dev/null || { mv .git "${TMPDIR:-/tmp}/set-aside-git-$$"; init; }
    mkdir -p .git/studio .git/info .git/objects/info
    grep -qsxF "$objects" .git/objects/info/alternates || printf '%s\n' "$objects" >> .git/objects/info/alternates
    leave_out_what_is_kept
    if [ -n "$shallow" ]; then printf '%s' "$shallow" > .git/shallow; fi
    if ! grep -qsF '# studio' .git/config; then
        printf '# studio\n[user]\n\tname = %s\n\temail = %s\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n' \
            "$name" "$email" >> .git/config
    fi
}

stand_on_branch() {
    git update-ref "refs/heads/$branch" "$head"
    git symbolic-ref HEAD "refs/heads/$branch"
}

# The files are the run's work and are left alone; only what git needs to read them again is made anew.
repair() {
    if [ -f .git/studio/index ] && read_state; then
        # A clone may be older than that rule, and whatever became of the file keeps no work from being saved.
        { mkdir -p .git/info && leave_out_what_is_kept; } 2> /dev/null || true
        return
    fi
    make_repository
    if ! git rev-parse --quiet --verify 'HEAD^{commit}' > /dev/null; then
        stand_on_branch
        git read-tree "$head"
    fi
    rm -f .git/studio/index .git/studio/index.lock
    ours read-tree "$head"
    ours update-ref refs/studio/head "$head"
    read_state || true
}
"""
)

POPULATE = (
    _COMMON
    + r"""
fresh=$7
shallow=$(cat)
if [ "$fresh" = yes ]; then
    make_repository
    stand_on_branch
    rm -f .git/index.lock
    quiet_git reset --quiet --hard "$head"
    cp .git/index .git/studio/index
    git update-ref refs/studio/head "$head"
else
    repair
    # A snapshot that was begun or made but never became the run's head (something was killed in between) is
    # taken again: its index already says that nothing changed.
    if [ -s .git/studio/begun ] || [ "$(ours rev-parse --quiet --verify refs/studio/head)" != "$head" ]; then
        ours read-tree "$head"
        ours update-ref refs/studio/head "$head"
        : > .git/studio/begun
    fi
fi
git rev-parse --quiet --verify 'HEAD^{commit}' || true
"""
)
"""Arguments: objects folder, branch, head, object format, name, email, `yes` for a workspace nobody worked in.

Standard input: the list of shallow commits. Prints the commit that HEAD stands on.
"""

SNAPSHOT = (
    _COMMON
    + r"""
shallow=
repair
rm -f .git/studio/index.lock
export GIT_AUTHOR_NAME="$name" GIT_AUTHOR_EMAIL="$email" GIT_COMMITTER_NAME="$name" GIT_COMMITTER_EMAIL="$email"
message=$(cat)
echo yes > .git/studio/begun
# Neither a damaged index, nor a nested repository without a commit, nor an unreadable file may keep all other
# work from being saved.
if ! ours add --all . 2> /dev/null; then
    # Where nothing at all can be saved, that is the reason, and no file is left out in silence.
    date +%s%N | ours hash-object -w --stdin > /dev/null
    rm -f .git/studio/index
    ours read-tree "$head"
    left_out=$(ours add --all --ignore-errors . 2>&1) || message="$message

Left out: $left_out"
fi
# A .gitignore that takes everything, or all of a folder, in again counts before the rule of the clone.
ours diff-index --cached --name-only --diff-filter=A -z "$head" -- "$beside" \
    | ours update-index -z --force-remove --stdin
tree=$(ours write-tree)
set -- -p "$head"
commit=
if [ -n "$seen" ] && [ "$seen" != "$head" ] && ! ours merge-base --is-ancestor "$seen" "$head"; then
    if [ "$tree" = "$(ours rev-parse "$seen^{tree}")" ] && ours merge-base --is-ancestor "$head" "$seen"; then
        commit=$seen
    elif ours merge-base "$seen" "$head" > /dev/null; then
        set -- "$@" -p "$seen"
    fi
fi
if [ $# = 2 ] && [ "$tree" = "$head_tree" ]; then commit=${commit:-$head}; fi
if [ -z "$commit" ]; then commit=$(printf '%s\n' "$message" | ours commit-tree "$@" "$tree"); fi
ours update-ref refs/studio/head "$commit"
: > .git/studio/begun
printf '%s %s\n' "$commit" "${seen:-none}"
"""
)
"""Arguments: objects folder, branch, previous snapshot, object format, name, email. Standard input: the message.

Prints the new commit, which is the previous one when nothing changed, and the commit that HEAD stands on.
"""
