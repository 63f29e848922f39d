#!/bin/bash
# mox (Go) on loopback, its IMAP alone.   mox.sh start|stop|check
# One account: mox@localhost / moxmoxmox. TLS with the tests' certificate.
# SERVER_DATA (folder)  IMAP_PORT  IMAPS_PORT (else free ones)  OWNER (process id: the server ends with it)
# IMAPMIG_TEST_SERVERS (folder with mox-*.xz or the program mox; else servers/ in the cache)
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$HERE/programs.sh"

check() {
  check_machine
  [ -n "$(program mox 'mox-*.xz')" ] || missing "there is neither mox nor mox-*.xz in $PROGRAMS"
}

# It insists on its other services, so each gets a free port. Started again, it keeps them all.
choose_ports() {
  local port new
  for port in $(grep -oE 'Port: [0-9]+$' "$D/data/mox.conf" | grep -oE '[0-9]+' | sort -u); do
    case $port in
      1143) new=$IMAP_PORT ;;
      1993) new=$IMAPS_PORT ;;
      *) new=$(free_port) ;;
    esac
    sed -i "s/Port: $port$/Port: new $new/" "$D/data/mox.conf"
  done
  sed -i 's/Port: new /Port: /' "$D/data/mox.conf"
}

start() {
  prepare mox
  unpack_program mox "$(program mox 'mox-*.xz')"
  if [ ! -d "$D/data" ]; then
    "$D/mox" localserve -dir "$D/data" -ip "$LISTEN" -initonly >"$D/init.log" 2>&1
    cp "$D/tls/imap.pem" "$D/data/localhost.crt"
    cp "$D/tls/imap.key" "$D/data/localhost.key"
    choose_ports
  fi
  launch "$D/mox" localserve -dir "$D/data"
  ready "$IMAP_PORT" "$IMAPS_PORT"
  report
}

case ${1:-} in
  start) start ;;
  stop) D=${SERVER_DATA:-/tmp/imapmig-servers/mox}; stop ;;
  check) check ;;
  *) echo "usage: $0 start|stop|check" >&2; exit 2 ;;
esac
