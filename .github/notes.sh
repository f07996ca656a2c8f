#!/usr/bin/env bash
# The section of one version in CHANGELOG.md, for the release page. Usage: .github/notes.sh 1.2.3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

notes=$(awk -v version="$1" '
  /^## / { inside = index($0, "[" version "]") || $2 == version; next }
  inside { print }
' CHANGELOG.md)
if [ -z "${notes//[[:space:]]/}" ]; then
  echo "CHANGELOG.md has no section for version $1: write it before the tag" >&2
  exit 1
fi
printf '%s\n' "$notes"
