#!/bin/sh
# Makes the cluster's members those on standard input, one a line as `name role version`: takes out, one at a time, what
# Quintet once put in and is not wanted any more, then waits for all the others.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh

main() {
  members=$(cat)
  lock
  wait_for 300 "the API of the cluster" listed
  for name in $(unwanted); do take_out "$name"; done
  wait_for 600 "every node to be ready with its version and role" complete
  say "sees every node ready"
}

listed() {
  [ -n "$(nodes)" ]
}

unwanted() {
  nodes | awk -F '|' -v cluster="$cluster_name" '$6 == cluster { print $1 }' | while read -r name; do
    echo "$members" | grep -q "^$name " || echo "$name"
  done
}

# A node that answers is drained or stays: what blocks the drain is said, and decided by a person.
take_out() {
  say "takes $1 out of the cluster"
  kube cordon "$1" >/dev/null
  if ! kube drain "$1" --ignore-daemonsets --delete-emptydir-data --force --timeout=300s >"$home/drain.log" 2>&1; then
    if is_ready "$1"; then
      fail "could not drain $1 in 5 minutes, so it is still a member: $(tail -n 1 "$home/drain.log")"
    fi
    say "takes $1 out without draining it, since it does not answer"
  fi
  if is_server "$1"; then
    kube annotate node "$1" --overwrite etcd.k3s.cattle.io/remove=true >/dev/null
    wait_for 120 "etcd to let $1 go" left_etcd "$1"
  fi
  kube delete node "$1" --ignore-not-found --timeout=60s >/dev/null
}

row() {
  nodes | awk -F '|' -v name="$1" '$1 == name'
}

is_ready() {
  row "$1" | awk -F '|' '$4 == "True"' | grep -q .
}

is_server() {
  row "$1" | awk -F '|' '$3 == "true"' | grep -q .
}

left_etcd() {
  [ -n "$(kube get node "$1" -o 'jsonpath={.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}' 2>/dev/null)" ]
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
