#!/bin/sh
# Stands in for docker.io/library/python:3.11-slim on a machine that reaches no image registry:
# Debian 12 with its own Python 3.11 and pip, imported under that name, so that the Dockerfile
# builds as it is. For benchmarks/container.py alone; not the real image, and nothing to publish.
#
#   sh benchmarks/stand_in_base.sh [ENGINE]        as root on Debian; podman unless told docker
set -eu

engine=${1:-podman}
name=docker.io/library/python:3.11-slim

if $engine image inspect "$name" >/dev/null 2>&1; then
  echo "$name is there already: left as it is" >&2
  exit 1
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase \
  --include=python3,python-is-python3,python3-pip,ca-certificates,netbase,tzdata \
  bookworm "$folder/root"
rm -rf "$folder"/root/var/cache/apt/archives/*.deb "$folder"/root/var/lib/apt/lists/*
tar -C "$folder/root" --one-file-system -cf - . \
  | $engine import --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' \
      --message "stand-in, made by debootstrap" - "$name"
