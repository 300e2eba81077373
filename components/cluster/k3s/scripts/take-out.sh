# shellcheck shell=sh disable=SC2154
# Takes a node out of the cluster from a server. Sourced by members.sh and release.sh, never run.

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
    # One that runs would join again at its next start: it leaves by itself in remove.sh, and stops.
    if is_ready "$1"; then return 0; fi
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

listed() {
  [ -n "$(nodes)" ]
}
