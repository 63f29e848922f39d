#!/bin/bash
# A Dovecot of the tests' own on loopback.   dovecot.sh start|stop|check
#   ROLE=source     every sign-in style of the runbook; ACCOUNTS="name:password ..." (three people of the documents)
#   ROLE=target     any user, password pw; mailadmin / P@ssw0rd opens any mailbox (authorization identity, user*mailadmin)
#   ROLE=maildirs   serves a copy of MAIL_ROOT/<EmailAddress>/Maildir; any user, password pw
#   ROLE=oauth      XOAUTH2 and OAUTHBEARER; the file tokens in the data folder has a line "TOKEN USER" for each
#                   valid one, USER * is anybody (Dovecot 2.3; check says so); PASSWORDS=1 adds LOGIN and PLAIN (pw)
# SERVER_DATA (folder, reachable by user mail)  IMAP_PORT  IMAPS_PORT (else free ones)  CERT=good|expired|wrong-host|self-signed
# OWNER (process id: the server ends with it)  NS_PREFIX=  NS_SEPARATOR=/  MAX_PER_USER_IP=0 (none)  MASTER_SEPARATOR=*
# STORE=maildir (or mdbox, sdbox)  AUTH_PENALTY=0  FSYNC=never (or optimized, always)  QUOTA= (such as 100K)  MAX_MESSAGE= (such as 10K)  CAPABILITY= (announced after sign-in, replacing Dovecot's)
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

ROLE=${ROLE:-source}
ADMIN=mailadmin:P@ssw0rd

check() {
  check_machine
  command -v dovecot >/dev/null || missing 'dovecot is not installed'
  [ -x /usr/lib/dovecot/imap ] || missing 'dovecot-imapd is not installed'
  [ "$ROLE" != oauth ] || [[ $(dovecot --version) = 2.3.* ]] || missing 'from Dovecot 2.4 on no token opens every mailbox'
}

# Dovecot 2.4 renamed half of the settings, and refuses the old ones.
write_configuration() {
  case $(dovecot --version) in
    2.3.*) . "$HERE/dovecot-2.3.sh" ;;
    *) . "$HERE/dovecot-2.4.sh" ;;
  esac
  write_base
  "write_$ROLE"
}

start() {
  prepare "dovecot-$ROLE"
  mkdir -p "$D/mail"
  chown mail:mail "$D/mail"
  rm -rf "$D/run"
  write_configuration >"$D/dovecot.conf"
  case $ROLE in
    oauth) launch "$HERE/tokens.pl" "$TOKEN_PORT" "$D/tokens" dovecot -F -c "$D/dovecot.conf" ;;
    *) launch dovecot -F -c "$D/dovecot.conf" ;;
  esac
  ready "$IMAP_PORT" ${TOKEN_PORT:-}
  report "${TOKEN_PORT:+ tokens=$D/tokens}"
}

case ${1:-} in
  start) start ;;
  stop) D=${SERVER_DATA:-/tmp/imapmig-servers/dovecot-$ROLE}; stop ;;
  check) check ;;
  *) echo "usage: $0 start|stop|check" >&2; exit 2 ;;
esac
