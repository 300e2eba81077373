#!/bin/sh
# Lets this server make the cluster. It is done once in the cluster's life, so that a server which comes back without its
# disk joins the others, and never starts a second cluster.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh

main() {
  lock
  if [ -e "$data/server/db/etcd/member" ]; then
    say "has data of etcd already"
  elif answers "$api_url"; then
    say "joins the cluster that answers at $api_url"
  else
    : >"$home/may-initialise"
    say "may make the cluster"
  fi
}

main
