#!/usr/bin/env bash
# One archive of a release: binary, manual page, completions, README, CHANGELOG, LICENSE. Usage: .github/archive.sh TARGET FOLDER
# TARGET has been built with `cargo build --release --target TARGET`. The program itself writes manual page and completions, so
# a target that cannot be run here ends with an error instead of an archive without them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=$1
folder=$2
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name="codex-tui-$version-$target"
suffix=
case "$target" in *windows*) suffix=.exe ;; esac
binary="target/$target/release/codex-tui$suffix"

mkdir -p "$folder"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
into="$stage/$name"
mkdir -p "$into/completions" "$into/man"
cp "$binary" README.md CHANGELOG.md LICENSE "$into/"
"$binary" man > "$into/man/codex-tui.1"
"$binary" completions bash > "$into/completions/codex-tui.bash"
"$binary" completions fish > "$into/completions/codex-tui.fish"
"$binary" completions zsh > "$into/completions/_codex-tui"

case "$target" in
  *windows*) (cd "$stage" && 7z a -bso0 "$name.zip" "$name") && mv "$stage/$name.zip" "$folder/" ;;
  *) tar -C "$stage" -czf "$folder/$name.tar.gz" "$name" ;;
esac
ls -l "$folder"
