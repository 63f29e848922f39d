#!/bin/bash
# A Courier IMAP of the tests' own on loopback, with virtual shared folders.   courier.sh start|stop|check
# ACCOUNTS="name:password ..." (three people of the documents); mailadmin / P@ssw0rd sees their folders below #shared.
#   SHARE_GROUP=users   group in the shared index; empty: accounts directly below the shared namespace
#   SHARE_ADMIN=group   mailadmin is an administrator; acl: each user grants mailadmin "lr" on INBOX instead
#   MUNGE=0             1: "." and "/" in account names become "\:" and "\;" instead of a space
#   MAX_PER_IP=20  MAX_PROCS=40 (Debian's values)  ENHANCED_IDLE=0
#   GAMIN=1             0: no file monitor, as on many old servers: ALERT and a second's wait on each lock
# SERVER_DATA, IMAP_PORT, IMAPS_PORT, CERT, OWNER as in dovecot.sh
# Paths are compiled into Courier, so it runs in a mount namespace of its own with a private /etc and /run.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

ROOT_OF_PACKAGES=$CACHE/courier
SHARE_GROUP=${SHARE_GROUP-users}
SHARE_ADMIN=${SHARE_ADMIN:-group}

check() {
  check_machine
  check_unpacked courier
  command -v perl >/dev/null || missing 'perl is not installed'
}

write_etc() {
  rm -rf "$D/etc" "$D/run"
  mkdir -p "$D/etc" "$D/run/courier/authdaemon" "$D/root"
  cp /etc/passwd /etc/group "$D/etc/"
  local file
  for file in /etc/{nsswitch.conf,hosts,services,ld.so.cache,localtime}; do [ ! -e "$file" ] || cp -L "$file" "$D/etc/"; done
  cp -a "$ROOT_OF_PACKAGES/etc/courier" "$D/etc/"
  echo "courier:x:$(id -u mail):$(id -g mail)::/:/bin/false" >>"$D/etc/passwd"
  local conf=$D/etc/courier
  sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/; s/^daemons=.*/daemons=2/' "$conf/authdaemonrc"
  cat >>"$conf/imapd-ssl" <<-CONF
	COURIERTLS=$D/root/usr/bin/couriertls
	TLS_CERTFILE=$D/tls/both.pem
	TLS_CACHEFILE=
	CONF
  cat >>"$conf/imapd" <<-CONF
	MAXPERIP=${MAX_PER_IP:-20}
	MAXDAEMONS=${MAX_PROCS:-40}
	IMAP_ENHANCEDIDLE=${ENHANCED_IDLE:-0}
	IMAP_SHAREDMUNGENAMES=${MUNGE:-0}
	CONF
}

# Runs COMMAND as the owner of the mail, with Courier's libraries and programs.
as_mail() {
  setpriv --reuid mail --regid mail --clear-groups env LD_LIBRARY_PATH="$LIBS" PATH="$D/root/usr/bin:$PATH" "$@"
}

write_accounts() {
  local conf=$D/etc/courier index=$D/etc/courier/shared/index$SHARE_GROUP uid gid entry user home options
  uid=$(id -u mail) gid=$(id -g mail)
  install -d -o mail -g mail "$D/mail"
  [ -z "$SHARE_GROUP" ] || printf '%s\t*\tindex%s\n' "$SHARE_GROUP" "$SHARE_GROUP" >"$conf/shared/index"
  for entry in ${ACCOUNTS:-$PEOPLE} mailadmin:P@ssw0rd; do
    user=${entry%%:*} home=$D/mail/${entry%%:*} options=
    # shellcheck disable=SC2016
    [ -d "$home" ] || as_mail sh -c 'mkdir "$1" && maildirmake.courier "$1/Maildir"' - "$home"
    if [ "$user" != mailadmin ]; then
      printf '%s\t%s\t%s\t%s\n' "$user" "$uid" "$gid" "$home" >>"$index"
      [ "$SHARE_ADMIN" = group ] || as_mail maildiracl -set "$home/Maildir" INBOX user=mailadmin lr
    elif [ "$SHARE_ADMIN" = group ]; then
      options='|options=group=administrators'
    fi
    printf '%s\tuid=%s|gid=%s|home=%s|systempw=%s%s\n' "$user" "$uid" "$gid" "$home" \
      "$(openssl passwd -6 "${entry#*:}")" "$options" >>"$conf/userdb"
  done
  chmod 600 "$conf/userdb"
  sed "s|/usr/lib/courier/|$D/root&|" "$D/root/usr/sbin/makeuserdb" >"$D/etc/makeuserdb"
  LD_LIBRARY_PATH=$LIBS perl "$D/etc/makeuserdb" -f "$conf/userdb"
}

# Process 1 of a mount and process namespace of its own: when it ends, every process of the server does.
inside() {
  mount --bind "$ROOT_OF_PACKAGES" "$D/root"
  LIBS=$(libraries "$D/root")
  write_accounts
  mount --bind "$D/etc" /etc
  mount --bind "$D/run" /run
  set -a +u
  LD_LIBRARY_PATH=$LIBS
  [ "${GAMIN:-1}" = 0 ] || GAMIN_DEBUG_SERVER=$D/root/usr/libexec/gam_server
  . /etc/courier/authdaemonrc
  "$D/root/usr/lib/courier/courier-authlib/authdaemond" &
  while [ ! -S /run/courier/authdaemon/socket ]; do sleep 0.02; done
  . /etc/courier/imapd
  . /etc/courier/imapd-ssl
  ulimit -v "$IMAP_ULIMITD"
  umask "$IMAP_UMASK"
  local tcpd login
  tcpd="$D/root/usr/sbin/couriertcpd -address=$LISTEN -maxprocs=$MAXDAEMONS -maxperip=$MAXPERIP $TCPDOPTS"
  login="$D/root/usr/lib/courier/courier/imaplogin $D/root/usr/bin/imapd Maildir"
  # shellcheck disable=SC2086
  IMAP_STARTTLS=YES $tcpd "$IMAP_PORT" $login &
  # shellcheck disable=SC2086
  IMAP_TLS=1 $tcpd "$IMAPS_PORT" "$COURIERTLS" -server -tcpd -user=courier $login &
  wait
}

start() {
  prepare courier
  write_etc
  export IMAP_PORT IMAPS_PORT
  launch unshare --mount --pid --fork --kill-child --mount-proc "$HERE/courier.sh" inside
  ready "$IMAP_PORT" "$IMAPS_PORT"
  report
}

case ${1:-} in
  start) start ;;
  inside) inside ;;
  stop) D=${SERVER_DATA:-/tmp/imapmig-servers/courier}; stop ;;
  check) check ;;
  *) echo "usage: $0 start|stop|check" >&2; exit 2 ;;
esac
