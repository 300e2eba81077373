#!/bin/sh
# Takes k3s off this node. The cluster has let it go before, or goes as a whole. Snapshots of etcd stay.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh

kept=/var/lib/quintet/k3s-snapshots

main() {
  lock
  stop_services
  stop_pods
  unmount_all
  remove_network
  keep_snapshots
  remove_files
  echo "$node_name: is without k3s"
}

stop_services() {
  for unit in quintet-ship.timer k3s k3s-agent; do
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
  awk '{ print $2 }' /proc/self/mounts | grep -E "^(/run/k3s|$data|/var/lib/kubelet|/run/netns/cni-)" | sort -r | while read -r point; do
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
  say "keeps its snapshots of etcd in $kept"
}

remove_files() {
  cat "$home/installed" "$wanted/manifest" 2>/dev/null | while read -r _ path; do rm -f "$path"; done
  rm -f "$binary" /usr/local/bin/kubectl.k3s
  rm -rf /etc/rancher/k3s /etc/rancher/node "$data" /var/lib/kubelet /run/k3s /var/lib/cni
  find "$home" -mindepth 1 -maxdepth 1 ! -name wanted ! -name lock -exec rm -rf {} +
  systemctl daemon-reload 9>&-
}

main "$@"
