# shellcheck shell=sh
# Says what on this machine is in the way of its role, and changes nothing. Its settings stand above it.
# shellcheck disable=SC2154

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
problems=

problem() {
  problems="$problems
  $node_name ($node_address): $*"
}

check_name() {
  found=$(uname -n)
  [ "$found" = "$node_name" ] || problem "calls itself $found. Set its host name with \`hostnamectl set-hostname $node_name\`, or correct the configuration"
}

check_programs() {
  for program in $programs; do
    command -v "$program" >/dev/null || problem "lacks the program $program, install it"
  done
  [ -d /run/systemd/system ] || problem "does not run systemd, which starts k3s"
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || problem "does not let the user $(id -un) run sudo without a password"
}

check_size() {
  memory=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
  [ "$memory" -ge "$memory_mib" ] || problem "has $memory MiB of memory, its role $node_role needs $memory_mib"
  processors=$(getconf _NPROCESSORS_ONLN)
  [ "$processors" -ge "$processors_least" ] || problem "has $processors processors, its role $node_role needs $processors_least"
  case "$(uname -m)" in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
  esac
  [ "$arch" = "$node_arch" ] || problem "has processors of kind $arch, the configuration says $node_arch"
}

check_system() {
  release=$(uname -r)
  major=${release%%.*}
  rest=${release#*.}
  minor=${rest%%[!0-9]*}
  if [ "$major" -lt 5 ] || { [ "$major" -eq 5 ] && [ "$minor" -lt 13 ]; }; then
    problem "runs kernel $release, Kubernetes' nftables rules need 5.13 or newer"
  fi
  [ -e /sys/fs/cgroup/cgroup.controllers ] || problem "does not use cgroup v2 alone, and the kubelet refuses anything else. Boot it with systemd.unified_cgroup_hierarchy=1"
}

check_kernel() {
  for module in $modules; do
    [ -e "/sys/module/$module" ] || modprobe -nq "$module" 2>/dev/null || problem "has no kernel module $module"
  done
  for setting in $settings; do
    [ -e "/proc/sys/$setting" ] || problem "has no kernel setting $setting"
  done
}

check_ports() {
  if systemctl is-active --quiet k3s 2>/dev/null || systemctl is-active --quiet k3s-agent 2>/dev/null; then return 0; fi
  for port in $ports; do
    if ss -Hltn "sport = :$port" | grep -q .; then problem "already has a program that listens on port $port, which k3s needs"; fi
  done
}

check_disk() {
  if [ -e /usr/local/bin/k3s ]; then return 0; fi
  free=$(df -Pk /var/lib | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge "$disk_mib" ] || problem "has $free MiB free under /var/lib, its role $node_role needs $disk_mib"
}

# What k3s' documentation asks to be out of the way.
check_guards() {
  for guard in firewalld ufw; do
    if systemctl is-active --quiet "$guard" 2>/dev/null; then
      problem "runs $guard, which cuts pods off from one another. Run \`systemctl disable --now $guard\`, and filter in front of the machine"
    fi
  done
  if [ "$(cat /sys/fs/selinux/enforce 2>/dev/null)" = 1 ] && [ ! -e /usr/share/selinux/packages/k3s.pp ]; then
    problem "enforces SELinux without a policy for k3s. Install the package k3s-selinux"
  fi
}

check_clock() {
  command -v timedatectl >/dev/null || return 0 # missing, and said above
  synchronized=$(timedatectl show --property=NTPSynchronized --value 2>/dev/null || true)
  [ "$synchronized" = yes ] || problem "does not synchronize its clock, and certificates and etcd go by it. Run \`timedatectl set-ntp true\`"
}

check_api() {
  getent ahosts "$api_host" >/dev/null || problem "does not know the address of $api_host, where joining nodes find the API"
}

main() {
  check_name
  check_programs
  check_size
  check_system
  check_kernel
  check_ports
  check_disk
  check_api
  check_guards
  check_clock
  if [ -z "$problems" ]; then
    echo "$node_name: is fit to be a $node_role"
    exit 0
  fi
  echo "These machines are not ready, and nothing has been changed:$problems" >&2
  exit 1
}

main
