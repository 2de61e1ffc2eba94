#!/bin/sh
# Gathers python3, bash and git in /studio/tools, each behind a line of shell that starts it with its own libraries.
set -eu
tools=/studio/tools
mkdir -p "$tools/bin" "$tools/exec" "$tools/lib" "$tools/usr/bin" "$tools/usr/lib" "$tools/templates"

libraries() {
    ldd "$1" 2> /dev/null | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

python=$(readlink -f "$(command -v python3)")
version=$(basename "$python")
cp "$python" "$tools/usr/bin/$version"
cp "$(command -v bash)" "$(command -v git)" "$tools/usr/bin/"
cp -R "/usr/lib/$version" "$tools/usr/lib/$version"
rm -rf "$tools/usr/lib/$version/test" "$tools/usr/lib/$version/ensurepip" "$tools/usr/lib/$version/config-"*
find "$tools/usr/lib" -name __pycache__ -prune -exec rm -rf {} +

for program in "$tools"/usr/bin/* "$tools/usr/lib/$version"/lib-dynload/*.so; do
    libraries "$program"
done | sort -u | while read -r library; do
    cp -L "$library" "$tools/lib/"
done
loader=$(libraries "$python" | grep '/ld-linux' | head -n 1)
loader=$tools/lib/$(basename "$loader")

starter() {
    printf '#!/bin/sh\n%sexec %s --library-path %s/lib --argv0 %s %s "$@"\n' "$1" "$loader" "$tools" "$2" "$3"
}

starter '' "$tools/usr/bin/$version" "$tools/usr/bin/$version" > "$tools/bin/python3"
starter '' bash "$tools/usr/bin/bash" > "$tools/bin/bash"
git="GIT_EXEC_PATH=$tools/exec GIT_TEMPLATE_DIR=$tools/templates "
for name in git git-upload-pack git-receive-pack git-upload-archive; do
    starter "$git" "$name" "$tools/usr/bin/git" > "$tools/exec/$name"
done
cp "$tools/exec/git" "$tools/bin/git"
chmod -R a+rX "$tools"
chmod a+x "$tools"/bin/* "$tools"/exec/*
