# Sourced by the scripts beside it: the cache, an instance's folder and ports, certificates, starting, stopping.
set -eu

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${IMAPMIG_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/imapmig-tests}
LISTEN=127.0.0.1
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
PEOPLE='terry.adams:1091990 ann.beebe:2111991 paul.cannon:3281986'

# missing TEXT: says why this machine cannot run the server, and ends the script.
missing() {
  echo "$1"
  exit 1
}

check_machine() {
  [ "$(id -u)" = 0 ] || missing 'only root can start mail servers'
  getent passwd mail >/dev/null || missing 'there is no system user mail'
  command -v openssl >/dev/null || missing 'openssl is not installed'
}

# check_unpacked NAME: the packages that install.sh unpacked, and every library that their programs need.
check_unpacked() {
  [ -e "$CACHE/$1/.complete" ] || missing "$1 is not unpacked in $CACHE (tests/servers/install.sh does it)"
  local lacking
  lacking=$(lacking_libraries "$CACHE/$1")
  [ -z "$lacking" ] || missing "$1 lacks $lacking (tests/servers/install.sh brings what this machine no longer has)"
  unshare --mount --pid --fork true 2>/dev/null || missing "$1 needs the right to make a mount namespace (CAP_SYS_ADMIN)"
}

# libraries ROOT: the folders of packages unpacked at ROOT that hold shared libraries, as LD_LIBRARY_PATH takes them.
# Packages from before the merge of /lib into /usr/lib have theirs in /lib.
libraries() {
  local folder list=
  for folder in "$1"/usr/lib/*-linux-gnu* "$1"/lib/*-linux-gnu* "$1"/usr/lib "$1"/usr/lib/{cyrus,courier-authlib}; do
    [ ! -d "$folder" ] || list=$list${list:+:}$folder
  done
  echo "$list"
}

# lacking_libraries ROOT: the shared libraries that neither ROOT nor this machine has, in one line.
lacking_libraries() {
  find "$1"/usr/{bin,sbin,lib/cyrus/bin,lib/courier} -type f -perm /111 2>/dev/null |
    LD_LIBRARY_PATH=$(libraries "$1") xargs -r ldd 2>/dev/null |
    sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p' | sort -u | paste -sd' '
}

# free_port: a port that nobody listens on, below those that the system gives to outgoing connections.
free_port() {
  local port
  while port=$((15000 + (RANDOM * 32768 + RANDOM) % 17000)); do
    (exec 3<>"/dev/tcp/$LISTEN/$port") 2>/dev/null || break
  done
  echo "$port"
}

# prepare NAME: the instance's folder $D, its ports and its certificate.
prepare() {
  D=${SERVER_DATA:-/tmp/imapmig-servers/$1}
  IMAP_PORT=${IMAP_PORT:-$(free_port)}
  IMAPS_PORT=${IMAPS_PORT:-$(free_port)}
  mkdir -p "$D/tls"
  chmod 755 "$D" "$D/tls"
  setpriv --reuid mail --regid mail --clear-groups test -x "$D" ||
    { echo "user mail cannot reach $D; set SERVER_DATA" >&2; exit 1; }
  local made=$CACHE/tls cert=${CERT:-good}
  "$HERE/certificates.sh" "$made"
  install -m 644 "$made/ca.pem" "$D/tls/ca.pem"
  install -m 644 "$made/$cert.pem" "$D/tls/imap.pem"
  install -m 640 -g mail "$made/$cert.key" "$D/tls/imap.key"
  (umask 077 && cat "$D/tls/imap.key" "$D/tls/imap.pem" >"$D/tls/both.pem")
  chgrp mail "$D/tls/both.pem"
  chmod 640 "$D/tls/both.pem"
}

# launch COMMAND...: runs it in a process group of its own. When the process OWNER (if set) has ended, the group
# is killed and the folder removed, so that a killed test leaves nothing behind.
launch() {
  export D OWNER=${OWNER:-}
  # shellcheck disable=SC2016
  setsid bash -c '
    if [ -n "$OWNER" ]; then
      (tail --pid="$OWNER" -s 0.5 -f /dev/null; rm -rf "$D"; kill -KILL 0) &
    fi
    exec "$@"' launch "$@" </dev/null >"$D/server.log" 2>&1 9>&- &
  echo $! >"$D/pid"
}

alive() { grep -qs '^State:.[^ZX]' "/proc/$1/status"; }

# ready PORT...: waits until the launched server answers there.
ready() {
  local pid port tries=0
  pid=$(cat "$D/pid")
  for port; do
    until (exec 3<>"/dev/tcp/$LISTEN/$port") 2>/dev/null; do
      tries=$((tries + 1))
      if ! alive "$pid" || [ "$tries" -gt 1000 ]; then
        explain "nothing answers on $LISTEN:$port"
        stop
        exit 1
      fi
      sleep 0.02
    done
  done
  alive "$pid" || { explain 'the server ended at once'; exit 1; }
}

# explain TEXT: says in one line why the server cannot be used, and then what it logged. What is missing comes first: a file, a
# library, a plugin; else the last complaint.
explain() {
  local cause
  cause=$(cat "$D"/*.log | grep -aiE 'error while loading shared libraries|No such file|not found|cannot open|no worthy mechs' | head -n 1)
  [ -n "$cause" ] || cause=$(cat "$D"/*.log | grep -aiE 'fatal|error|fail|denied' | tail -n 1)
  echo "${0##*/}: $1${cause:+: $cause}" >&2
  tail -n 20 "$D"/*.log >&2
}

report() {
  echo "imap=$LISTEN:$IMAP_PORT imaps=$LISTEN:$IMAPS_PORT ca=$D/tls/ca.pem data=$D$*"
}

# stop: kills the server's process group and waits for its end. Mail is in files, nothing is lost by that.
stop() {
  [ -s "$D/pid" ] || return 0
  local pid
  pid=$(cat "$D/pid")
  kill -KILL -- "-$pid" 2>/dev/null || true
  # A process that is not a zombie, by the state and the group in its stat; a bare Debian has no pgrep.
  while grep -qsE "\) [RSD] [0-9]+ $pid " /proc/[0-9]*/stat; do sleep 0.01; done
  rm -f "$D/pid"
}
