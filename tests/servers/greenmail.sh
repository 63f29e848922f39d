#!/bin/bash
# GreenMail (Java, in memory) on loopback, without TLS.   greenmail.sh start|stop|check
# Any user with any password has a mailbox of its own, empty at the start.
# SERVER_DATA (folder)  IMAP_PORT (else a free one)  OWNER (process id: the server ends with it)
# IMAPMIG_TEST_SERVERS (folder with greenmail-standalone-*.jar; else servers/ in the cache)
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$HERE/programs.sh"

check() {
  check_machine
  command -v java >/dev/null || missing 'java is not installed'
  [ -n "$(program 'greenmail-standalone-*.jar')" ] || missing "there is no greenmail-standalone-*.jar in $PROGRAMS"
}

start() {
  prepare greenmail
  launch java -Xmx512m -Dgreenmail.imap.hostname="$LISTEN" -Dgreenmail.imap.port="$IMAP_PORT" -Dgreenmail.auth.disabled \
    -jar "$(program 'greenmail-standalone-*.jar')"
  ready "$IMAP_PORT"
  report
}

case ${1:-} in
  start) start ;;
  stop) D=${SERVER_DATA:-/tmp/imapmig-servers/greenmail}; stop ;;
  check) check ;;
  *) echo "usage: $0 start|stop|check" >&2; exit 2 ;;
esac
