#!/bin/sh
# Takes k3s off this node: a server leaves the cluster first, an agent was taken out by members.sh. Snapshots of etcd stay.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh

kept=/var/lib/quintet/k3s-snapshots

main() {
  lock
  leave
  stop_services
  be_forgotten
  stop_pods
  unmount_all
  remove_network
  keep_snapshots
  remove_files
  echo "$node_name: is without k3s"
}

# A server that etcd has let go joins again as soon as its k3s starts anew, so it is stopped right after.
leave() {
  if [ "$node_role" != server ] || ! active; then return 0; fi
  if [ -e "$home/others" ]; then
    # A run before this one was cut off after it had asked, and this node's own API may have no etcd any more.
    wait_for 120 "etcd to let it go" let_go
    return 0
  fi
  list=$(nodes) || fail "cannot leave a cluster that does not answer. Repair that, or give the node up with \`systemctl stop k3s\` there, and run this again"
  others=$(echo "$list" | awk -F '|' -v me="$node_name" '$1 != me && $3 == "true" && $4 == "True" { print $7 }')
  if [ -z "$others" ] || ! echo "$list" | grep -q "^$node_name|"; then return 0; fi
  say "leaves the cluster"
  empty
  echo "$others" | put 600 "$home/others"
  through_another annotate node "$node_name" --overwrite etcd.k3s.cattle.io/remove=true >/dev/null ||
    fail "could not ask another server to take it out of etcd"
  wait_for 120 "etcd to let it go" let_go
}

# A node that leaves for good was drained by members.sh; one that starts over is drained here.
empty() {
  kube drain "$node_name" --ignore-daemonsets --delete-emptydir-data --force --timeout=300s >"$home/drain.log" 2>&1 ||
    fail "could not be drained in 5 minutes, so it is still a member: $(tail -n 1 "$home/drain.log")"
}

let_go() {
  [ -n "$(through_another get node "$node_name" -o 'jsonpath={.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}')" ]
}

# After the stop, since a kubelet that starts anew registers itself.
be_forgotten() {
  [ -e "$home/others" ] || return 0
  wait_for 60 "another server to forget this node" through_another delete node "$node_name" --ignore-not-found --timeout=30s
  rm -f "$home/others"
}

# through_another ARGUMENTS...: kubectl through the first other server that does it; this one's API has no etcd by then.
through_another() {
  while read -r server; do
    if kube --server="https://$server:6443" --request-timeout=10s "$@" 2>/dev/null </dev/null; then return 0; fi
  done <"$home/others"
  return 1
}

stop_services() {
  for unit in k3s k3s-agent; do
    if [ -e "/etc/systemd/system/$unit" ] || [ -e "/etc/systemd/system/$unit.service" ]; then
      systemctl disable --quiet --now "$unit" 9>&- || fail "could not stop $unit, so nothing was removed"
    fi
  done
}

# Containers outlive the service, each under a shim of k3s' own containerd.
stop_pods() {
  for status in /proc/[0-9]*; do
    case "$(readlink "$status/exe" 2>/dev/null || true)" in
    "$data"/data/*/bin/containerd-shim*) stop_tree "${status#/proc/}" ;;
    esac
  done
}

stop_tree() {
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || true); do stop_tree "$child"; done
  kill -9 "$1" 2>/dev/null || true
}

unmount_all() {
  awk '{ print $2 }' /proc/self/mounts | grep -E "^((/run/k3s|$data|/var/lib/kubelet)(/|\$)|/run/netns/cni-)" | sort -r | while read -r point; do
    umount -l "$point"
  done
}

remove_network() {
  for link in cni0 flannel.1 flannel-wg kube-ipvs0; do
    if [ -e "/sys/class/net/$link" ]; then ip link delete "$link"; fi
  done
  for family in iptables ip6tables; do
    command -v "$family-save" >/dev/null || continue
    "$family-save" | grep -vE 'KUBE-|CNI-|flannel' | "$family-restore"
  done
}

keep_snapshots() {
  [ -n "$(ls -A "$data/server/db/snapshots" 2>/dev/null)" ] || return 0
  mkdir -p "$kept"
  cp -a "$data/server/db/snapshots/." "$kept/"
  # A snapshot is restored with the token of its time.
  if [ -d "$home/tokens" ]; then cp -a "$home/tokens" "$kept/"; fi
  if [ -e "$token_file" ]; then cp -p "$token_file" "$kept/token"; fi
  say "keeps its snapshots of etcd in $kept, with the tokens that restore them"
}

remove_files() {
  cat "$home/installed" "$wanted/manifest" 2>/dev/null | while read -r _ path; do rm -f "$path"; done
  rm -f "$binary" /usr/local/bin/kubectl.k3s
  # /etc/rancher/node stays: by the password in it the cluster knows a node that comes back.
  rm -rf /etc/rancher/k3s "$data" /var/lib/kubelet /run/k3s /var/lib/cni
  find "$home" -mindepth 1 -maxdepth 1 ! -name wanted ! -name lock -exec rm -rf {} +
  systemctl daemon-reload 9>&-
}

main "$@"
