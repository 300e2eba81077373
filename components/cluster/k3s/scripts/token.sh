# shellcheck shell=sh disable=SC2154
# Changes the cluster's token from a server that runs. Sourced by apply.sh, never run. A token stands in files and in
# requests over standard input, never in an argument, which any user of the node could read.

local_api=https://127.0.0.1:6443

# change_token TOKEN: makes the cluster take the token before any node is started with it. Servers come one at a time,
# so the first one asks for the change, and the others find that it is made.
change_token() {
  if [ "$node_role" != server ] || [ ! -e "$token_file" ] || [ ! -e "$data/server/db/etcd/member" ]; then return 0; fi
  old=$(cat "$token_file")
  [ "$old" != "$1" ] || return 0
  if ! active; then
    wait_for 60 "another server that has changed to the new token, since its own k3s does not run" accepts "$1" "$api_url"
    return 0
  fi
  wait_for 120 "its own API, to change the token" answers "$local_api"
  if changed_anywhere "$1"; then
    say "finds the cluster's token changed"
    return 0
  fi
  accepts "$old" "$local_api" ||
    fail "has an API that takes neither the token on the node nor the new one: it was changed by hand, set quintet:k3sToken to what it is now"
  printf 'user = "server:%s"\nrequest = PUT\ndata = "{\\"newToken\\":\\"%s\\"}"\n' "$old" "$1" |
    request "$local_api/v1-k3s/token" || fail "has an API that does not change the token: $(cat "$home/curl.log")"
  wait_for 60 "its API to take the new token" accepts "$1" "$local_api"
  say "has changed the cluster's token"
}

# A server takes the new token once it has made the change or was started with it.
changed_anywhere() {
  if accepts "$1" "$local_api"; then return 0; fi
  for address in $(nodes | awk -F '|' '$3 == "true" { print $7 }'); do
    if accepts "$1" "$local_api" --connect-to "::$address:"; then return 0; fi
  done
  return 1
}

# accepts TOKEN URL...: whether the API there takes a server's token.
accepts() {
  accepts_token=$1
  accepts_at=$2
  shift 2
  printf 'user = "server:%s"\n' "$accepts_token" | request "$@" "$accepts_at/v1-k3s/encrypt/status"
}

# request ARGUMENTS...: what to send stands in curl's configuration on standard input.
request() {
  curl -fsS --max-time 15 --cacert "$data/server/tls/server-ca.crt" --config - --output /dev/null "$@" 2>"$home/curl.log"
}
