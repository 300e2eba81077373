#!/bin/sh
# Takes out nodes of another generation than that on standard input, one a line as `name generation`, so that they can be
# made anew. Of a dead machine nothing stays; a server that answers is drained here, and leaves by itself in apply.sh.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh
# shellcheck source=take-out.sh
. /var/lib/quintet/k3s/wanted/scripts/take-out.sh

main() {
  generations=$(cat)
  lock
  wait_for 300 "the API of the cluster" listed
  for name in $(outdated); do take_out "$name"; done
  say "has made way for every node of another generation"
}

outdated() {
  nodes | awk -F '|' -v cluster="$cluster_name" '$6 == cluster { print $1, $8 }' | while read -r name generation; do
    if echo "$generations" | grep -q "^$name " && ! echo "$generations" | grep -qx "$name $generation"; then echo "$name"; fi
  done
}

main
