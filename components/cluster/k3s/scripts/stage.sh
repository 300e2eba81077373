# shellcheck shell=sh
# Lays down what is wanted of a node beside what is in force; apply.sh compares the two.
# The files follow as calls of `file`. All of it is read before any of it runs.

home=/var/lib/quintet/k3s
umask 077

begin() {
  mkdir -p "$home"
  exec 9>"$home/lock"
  flock -w 900 9 || {
    echo "$(uname -n): is busy with an earlier run that has not ended in 15 minutes" >&2
    exit 1
  }
  rm -rf "$home/wanted.new"
  mkdir "$home/wanted.new"
}

# file MODE PATH: takes the content from standard input.
file() {
  mkdir -p "$(dirname "$home/wanted.new/$2")"
  cat >"$home/wanted.new/$2"
  chmod "$1" "$home/wanted.new/$2"
}

end() {
  rm -rf "$home/wanted.old"
  [ ! -e "$home/wanted" ] || mv "$home/wanted" "$home/wanted.old"
  mv "$home/wanted.new" "$home/wanted"
  rm -rf "$home/wanted.old"
}
