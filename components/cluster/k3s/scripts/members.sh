#!/bin/sh
# Makes the cluster's members those on standard input, one a line as `name role version`: takes out, one at a time, what
# Quintet once put in and is not wanted any more, then waits for all the others.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh
# shellcheck source=take-out.sh
. /var/lib/quintet/k3s/wanted/scripts/take-out.sh

main() {
  members=$(cat)
  lock
  wait_for 300 "the API of the cluster" listed
  for name in $(unwanted); do take_out "$name"; done
  wait_for 600 "every node to be ready with its version and role" complete
  say "sees every node ready"
}

unwanted() {
  nodes | awk -F '|' -v cluster="$cluster_name" '$6 == cluster { print $1 }' | while read -r name; do
    echo "$members" | grep -q "^$name " || echo "$name"
  done
}

complete() {
  list=$(nodes) || return 1
  [ -n "$list" ] || return 1
  detail=$(echo "$members" | missing | xargs)
  [ -z "$detail" ]
}

# The members on standard input that are not among the nodes as they should be.
missing() {
  while read -r name role version; do
    server=
    if [ "$role" = server ]; then server=true; fi
    echo "$list" | grep -q "^$name|$version|$server|True|" || echo "$name ($role, $version)"
  done
}

main "$@"
