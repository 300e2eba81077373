#!/bin/sh
# Prints the administrator's kubeconfig with the API's own address in it.
set -eu
# shellcheck source=lib.sh
. /var/lib/quintet/k3s/wanted/scripts/lib.sh

# As a whole: what is printed before a failure would stand in the error message.
text=$(sed -e "s|server: https://127\.0\.0\.1:[0-9]*|server: $api_url|" \
  -e "s/\(name\|cluster\|user\|current-context\): default\$/\1: $cluster_name/" /etc/rancher/k3s/k3s.yaml)
printf '%s\n' "$text"
