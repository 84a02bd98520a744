#!/bin/sh
# Prints the commits since the last tag (or since the ref in $1), oldest first, each with the files it touches.
set -eu
from=${1:-$(git describe --tags --abbrev=0 2>/dev/null || true)}
if [ -n "$from" ]; then
  range="$from..HEAD"
else
  range=HEAD
fi
git log --reverse --no-merges --name-status --format='%n%h %ad %s%+b' --date=short "$range"
