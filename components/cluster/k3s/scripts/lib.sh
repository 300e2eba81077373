# shellcheck shell=sh
# What the scripts on a node share. Sourced, never run.

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
home=/var/lib/quintet/k3s
wanted=$home/wanted

# shellcheck source=/dev/null
. "$wanted/node.env"
: "${cluster_name:?}" "${node_name:?}" "${node_role:?}" "${k3s_version:?}" "${k3s_sha256:?}" "${content:?}"
: "${certificate_generation:?}" "${api_url:?}" "${k3s_url?}" "${k3s_artifact?}" "${images_artifact?}"
: "${images_name?}" "${images_sha256?}" "${node_generation:?}"

binary=/usr/local/bin/k3s
data=/var/lib/rancher/k3s
# shellcheck disable=SC2034
token_file=/etc/rancher/k3s/token
node_table='{range .items[*]}{.metadata.name}|{.status.nodeInfo.kubeletVersion}|{.metadata.labels.node-role\.kubernetes\.io/control-plane}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}|{.metadata.labels.quintet\.dev/cluster}|{.status.addresses[?(@.type=="InternalIP")].address}|{.metadata.labels.quintet\.dev/generation}{"\n"}{end}'

umask 077

say() {
  echo "$node_name: $*"
}

fail() {
  echo "$node_name: $*" >&2
  exit 1
}

# wait_for SECONDS WHAT COMMAND...: tries every 2 s until it succeeds, and fails saying on what it waited. A command may
# set `detail` to what is still missing.
wait_for() {
  detail=
  wait_left=$1
  wait_what=$2
  shift 2
  say "waits for $wait_what"
  until "$@"; do
    wait_left=$((wait_left - 2))
    [ "$wait_left" -gt 0 ] || fail "has waited for $wait_what in vain${detail:+, missing: $detail}. See \`journalctl -u $(service)\` there, then run this again"
    sleep 2
  done
}

# One run at a time: a script goes on when its connection is cut, and the next one must not meet it.
lock() {
  [ -z "${locked:-}" ] || return 0
  mkdir -p "$home"
  exec 9>"$home/lock"
  flock -w 900 9 || fail "is busy with an earlier run that has not ended in 15 minutes"
}

service() {
  if [ "$node_role" = server ]; then echo k3s; else echo k3s-agent; fi
}

active() {
  systemctl is-active --quiet "$(service)" 9>&-
}

sum_of() {
  sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1
}

# put MODE PATH: writes standard input there as a whole or not at all.
put() {
  mkdir -p "$(dirname "$2")"
  cat >"$2.quintet"
  chmod "$1" "$2.quintet"
  mv -f "$2.quintet" "$2"
}

# kube ARGUMENTS...: kubectl as the administrator on a server, as the kubelet on an agent.
kube() {
  if [ "$node_role" = server ]; then
    "$binary" kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml "$@" 9>&-
  else
    "$binary" kubectl --kubeconfig "$data/agent/kubelet.kubeconfig" "$@" 9>&-
  fi
}

# The nodes, one a line: name|version|is server|ready|votes in etcd|cluster|address|generation. A
# kubelet may see its own only.
nodes() {
  kube get nodes "$@" -o "jsonpath=$node_table" --request-timeout=10s 2>/dev/null
}

own_node() {
  nodes "--field-selector=metadata.name=$node_name"
}

# answers URL: whether a server of k3s is there, whoever it is.
answers() {
  [ "$(curl -ksS --max-time 5 "$1/ping" 2>/dev/null)" = pong ]
}
