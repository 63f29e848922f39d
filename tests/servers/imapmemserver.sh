#!/bin/bash
# The memory server of go-imap (Go, IMAP4rev2) on loopback, without TLS.   imapmemserver.sh start|stop|check
# One account, empty at each start: user / user.
# SERVER_DATA (folder)  IMAP_PORT (else a free one)  OWNER (process id: the server ends with it)
# IMAPMIG_TEST_SERVERS (folder with imapmemserver or imapmemserver.xz; else servers/ in the cache)
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$HERE/programs.sh"

check() {
  check_machine
  [ -n "$(program imapmemserver imapmemserver.xz)" ] || missing "there is no imapmemserver in $PROGRAMS"
}

start() {
  prepare imapmemserver
  unpack_program imapmemserver "$(program imapmemserver imapmemserver.xz)"
  launch "$D/imapmemserver" -listen "$LISTEN:$IMAP_PORT" -insecure-auth
  ready "$IMAP_PORT"
  report
}

case ${1:-} in
  start) start ;;
  stop) D=${SERVER_DATA:-/tmp/imapmig-servers/imapmemserver}; stop ;;
  check) check ;;
  *) echo "usage: $0 start|stop|check" >&2; exit 2 ;;
esac
