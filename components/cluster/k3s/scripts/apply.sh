#!/bin/sh
# Brings this node to what is wanted of it, and leaves it alone when it is there. The token comes over standard input.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh
# shellcheck source=token.sh
. /var/lib/quintet/k3s/wanted/scripts/token.sh

started=$home/started
permission=$home/may-initialise
entry=/etc/rancher/k3s/config.yaml.d/10-entry.yaml

main() {
  IFS= read -r token || [ -n "$token" ] || fail "has got no token over standard input"
  lock
  [ "$1" = "$content" ] || fail "has other files laid down than this command is for: run \`pulumi up\` again"
  check_role
  start_over
  fetch_binary
  fetch_images
  if in_force; then
    say "already runs k3s $k3s_version as $node_role, nothing to do"
  else
    prepare
    change_token "$token"
    install_files
    install_token
    install_binary
    renew_certificates
    start
  fi
  wait_ready
  settle
}

# A machine changes its role by leaving the cluster: etcd and the node's certificates are of the old one.
check_role() {
  if [ "$node_role" = server ]; then other=k3s-agent; else other=k3s; fi
  [ ! -e "/etc/systemd/system/$other.service" ] ||
    fail "has another role so far: take it out of quintet:cluster.nodes, run \`pulumi up\`, then put it in as $node_role"
}

# A node of another generation leaves, and comes back without its data.
start_over() {
  last=$(cat "$home/generation" 2>/dev/null || echo none)
  if [ "$last" != none ] && [ "$last" != "$node_generation" ]; then
    if [ "$node_role" = server ] && active; then
      wait_for 300 "the other servers to be ready and to vote in etcd" others_healthy
    fi
    say "starts over"
    locked=yes sh "$wanted/scripts/remove.sh"
  fi
  echo "$node_generation" | put 600 "$home/generation"
}

# Whether the service runs with exactly what is wanted.
in_force() {
  active && [ "$(cat "$started" 2>/dev/null)" = "$(stamp)" ] && [ "$(sum_of "$binary")" = "$k3s_sha256" ] &&
    files_in_force && token_in_force
}

stamp() {
  echo "$content $certificate_generation"
}

files_in_force() {
  while read -r mode path; do
    cmp -s "$wanted/files$path" "$path" || return 1
    [ "$(stat -c %a "$path")" = "$mode" ] || return 1
  done <"$wanted/manifest"
}

token_in_force() {
  [ -e "$token_file" ] && [ "$(cat "$token_file")" = "$token" ]
}

# The binary is checked where it lands, before it can run.
fetch_binary() {
  [ "$(sum_of "$binary")" != "$k3s_sha256" ] || return 0
  [ "$(sum_of "$home/k3s")" != "$k3s_sha256" ] || return 0
  if [ -n "$k3s_artifact" ]; then
    cp "$k3s_artifact" "$home/k3s.part" || fail "lacks the binary that was copied to $k3s_artifact"
  else
    say "downloads k3s $k3s_version"
    curl -fsSL --proto =https --connect-timeout 15 --max-time 600 --retry 5 --retry-connrefused \
      -o "$home/k3s.part" "$k3s_url" 2>"$home/curl.log" || fail "cannot download $k3s_url: $(tail -n 1 "$home/curl.log")"
  fi
  found=$(sum_of "$home/k3s.part")
  if [ "$found" != "$k3s_sha256" ]; then
    rm -f "$home/k3s.part"
    fail "has got a binary with checksum $found, but the configuration wants $k3s_sha256: nothing was changed"
  fi
  mv -f "$home/k3s.part" "$home/k3s"
}

# k3s loads what lies there when it starts. Anybody on the node may write where it was copied to, so it is checked here.
fetch_images() {
  [ -n "$images_sha256" ] || return 0
  to=$data/agent/images/$images_name
  [ "$(sum_of "$to")" != "$images_sha256" ] || return 0
  mkdir -p "$(dirname "$to")"
  cp "$images_artifact" "$to.part" || fail "lacks the image archive that was copied to $images_artifact"
  found=$(sum_of "$to.part")
  if [ "$found" != "$images_sha256" ]; then
    rm -f "$to.part"
    fail "has got an image archive with checksum $found, but the configuration wants $images_sha256: nothing was changed"
  fi
  mv -f "$to.part" "$to"
}

# Before a server that runs goes down for a moment, the others must be able to carry on, and an upgrade has a way back.
prepare() {
  rm -f "$started"
  if [ "$node_role" != server ] || ! active; then return 0; fi
  wait_for 300 "the other servers to be ready and to vote in etcd" others_healthy
  [ "$(sum_of "$binary")" != "$k3s_sha256" ] || return 0
  say "saves etcd before the upgrade to $k3s_version"
  "$binary" etcd-snapshot save --name "before-$(echo "$k3s_version" | tr '+' '-')" >"$home/snapshot.log" 2>&1 9>&- ||
    fail "could not save etcd before the upgrade, nothing was changed: see $home/snapshot.log there"
}

others_healthy() {
  list=$(nodes) || return 1
  [ -n "$list" ] || return 1
  detail=$(echo "$list" | awk -F '|' -v me="$node_name" '$1 != me && $3 == "true" && !($4 == "True" && $5 == "True") { print $1 }' | xargs)
  [ -z "$detail" ]
}

install_files() {
  remove_strays
  while read -r mode path; do
    if cmp -s "$wanted/files$path" "$path" && [ "$(stat -c %a "$path")" = "$mode" ]; then continue; fi
    put "$mode" "$path" <"$wanted/files$path"
  done <"$wanted/manifest"
  put 600 "$home/installed" <"$wanted/manifest"
  if [ "$node_role" = server ]; then mkdir -p "$data/server/logs"; fi
  while read -r module; do modprobe "$module"; done </etc/modules-load.d/quintet-k3s.conf
  sysctl -q -p /etc/sysctl.d/90-quintet-k3s.conf >"$home/sysctl.log" 2>&1 ||
    fail "does not take all its kernel settings: $(tail -n 1 "$home/sysctl.log")"
  enter
}

# What an earlier description put here, and this one does not.
remove_strays() {
  [ -e "$home/installed" ] || return 0
  while read -r _ path; do
    if grep -q " $path\$" "$wanted/manifest" || [ ! -e "$path" ]; then continue; fi
    case "$path" in *.timer) systemctl disable --quiet --now "$(basename "$path")" 9>&- ;; esac
    rm -f "$path"
  done <"$home/installed"
}

# How a server finds its cluster. k3s ignores it once there is data of etcd; without data, only the one server that has
# the permission may make a new cluster, or a server that lost its disk would start a second one.
enter() {
  [ "$node_role" = server ] || return 0
  if [ -e "$permission" ]; then
    echo "cluster-init: true" | put 600 "$entry"
  else
    echo "server: $api_url" | put 600 "$entry"
  fi
}

# A snapshot is restored with the token of its time: an old one is kept under the moment at which it ended.
install_token() {
  if token_in_force; then return 0; fi
  if [ -e "$token_file" ]; then put 600 "$home/tokens/$(date +%s)" <"$token_file"; fi
  printf '%s\n' "$token" | put 600 "$token_file"
}

install_binary() {
  [ "$(sum_of "$binary")" != "$k3s_sha256" ] || return 0
  cp "$home/k3s" "$binary.quintet"
  chmod 755 "$binary.quintet"
  mv -f "$binary.quintet" "$binary"
}

renew_certificates() {
  last=$(cat "$home/certificate-generation" 2>/dev/null || echo none)
  if [ "$last" != none ] && [ "$last" != "$certificate_generation" ]; then
    say "renews its certificates"
    systemctl stop "$(service)" 9>&-
    "$binary" certificate rotate >"$home/certificates.log" 2>&1 9>&- || fail "could not renew its certificates: see $home/certificates.log there"
  fi
  echo "$certificate_generation" | put 600 "$home/certificate-generation"
}

start() {
  if [ ! -e "$permission" ] && [ ! -e "$data/server/db/etcd/member" ] && [ ! -e "$data/agent/kubelet.kubeconfig" ]; then
    wait_for 300 "the API at $api_url, to join" answers "$api_url"
  fi
  systemctl daemon-reload 9>&-
  systemctl enable --quiet "$(service)" 9>&-
  say "starts k3s $k3s_version as $node_role"
  # It returns when the old process is gone and the new one is up; a start that fails is tried again by systemd.
  timeout 600 systemctl restart "$(service)" 9>&- || say "has not come up at once"
  stamp | put 600 "$started"
}

wait_ready() {
  wait_for 600 "its node to be ready with $k3s_version as $node_role" ready
}

ready() {
  active || return 1
  if [ "$node_role" = server ]; then
    [ "$(kube get --raw /readyz --request-timeout=10s 2>/dev/null)" = ok ] || return 1
    own_node | awk -F '|' -v version="$k3s_version" '$2 == version && $3 == "true" && $4 == "True" && $5 == "True"' | grep -q .
  else
    own_node | awk -F '|' -v version="$k3s_version" '$2 == version && $3 == "" && $4 == "True"' | grep -q .
  fi
}

# What may go, or must, once the node is a member.
settle() {
  rm -f "$permission" "$home/k3s"
  # A node that was there before keeps its labels, whatever its kubelet is configured with.
  kube label node "$node_name" --overwrite "quintet.dev/generation=$node_generation" >/dev/null ||
    fail "could not be labelled with its generation"
  enter
  say "is ready with k3s $k3s_version as $node_role"
}

main "$@"
