#!/bin/sh
# Puts each snapshot of etcd, with the token that restores it, on a mounted volume, encrypted for one recipient.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh

from=$data/server/db/snapshots
to=$ship_to/$cluster_name/$node_name

main() {
  mountpoint -q "$ship_to" || fail "has no volume mounted at $ship_to, so no snapshot leaves it"
  mkdir -p "$to"
  rm -f "$to"/*.part
  for snapshot in "$from"/*; do
    case "$snapshot" in *.part) continue ;; esac
    [ -f "$snapshot" ] || continue
    [ -e "$to/$(basename "$snapshot").tar.age" ] || ship "$(basename "$snapshot")"
  done
  prune
}

# In clear it exists in a pipe only. A pipe tells nothing of a failure at its start, so the file `whole` does.
ship() {
  rm -f "$home/whole"
  token_then=$(token_of "$from/$1")
  { tar -cf - -C "$from" "$1" -C "$(dirname "$token_then")" "$(basename "$token_then")" && : >"$home/whole"; } |
    age --encrypt --recipient "$ship_recipient" --output "$to/$1.part"
  [ -e "$home/whole" ] || fail "could not read the snapshot $1 to its end"
  mv -f "$to/$1.part" "$to/$1.tar.age"
  say "has shipped $1"
}

# The token that was in force when a file was written.
token_of() {
  for ended in $(find "$home/tokens" -type f -printf '%f\n' 2>/dev/null | sort -n); do
    if [ "$ended" -gt "$(stat -c %Y "$1")" ]; then
      echo "$home/tokens/$ended"
      return 0
    fi
  done
  echo "$token_file"
}

prune() {
  find "$to" -maxdepth 1 -name '*.tar.age' -printf '%T@ %p\n' | sort -rn | tail -n "+$((ship_retention + 1))" | cut -d ' ' -f 2- |
    while read -r old; do rm -f "$old"; done
}

main "$@"
