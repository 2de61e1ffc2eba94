#!/bin/sh
# Installs packages.txt with the package sources, proxy and certificates of the machine that builds the image.
set -eu
host=/etc/studio/host

if [ -s "$host/ca.crt" ]; then
    printf 'Acquire::https::CaInfo "%s";\n' "$host/ca.crt" > /etc/apt/apt.conf.d/90studio
fi
if [ -s "$host/apt.conf" ]; then
    cat "$host/apt.conf" >> /etc/apt/apt.conf.d/90studio
fi
if [ -s "$host/sources.list" ]; then
    rm -f /etc/apt/sources.list.d/*
    cp "$host/sources.list" /etc/apt/sources.list
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
xargs apt-get install --yes --no-install-recommends < /etc/studio/packages.txt
# An image holds no package lists and no set-user-id programs: nothing in it needs either.
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
