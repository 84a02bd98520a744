#!/bin/sh
# Reads a tool call on stdin. Where it is a `git commit`, looks at the lines that are staged and stops the call (exit 2) when one
# looks like a key, a token or a private key. The values themselves are not printed.
set -eu
grep -q 'git commit' || exit 0
pattern='-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[A-Za-z0-9-]{10,}'
files=$(git diff --cached --name-only -G"$pattern" 2>/dev/null || true)
[ -n "$files" ] || exit 0
echo "These staged files seem to hold a secret; take it out before you commit:" >&2
echo "$files" >&2
exit 2
