#!/bin/bash
# A Cyrus IMAP of the tests' own on loopback.   cyrus.sh start|stop|check
# ACCOUNTS="name:password ..." (three people of the documents, and terry / 1091990); mailadmin / P@ssw0rd opens anybody's
# mailbox by AUTHENTICATE PLAIN with an authorization identity; cyrus / P@ssw0rd is the administrator. An INBOX is made
# at the first login.
#   ALTNAMESPACE=yes  no: folders below INBOX
#   UNIXSEP=yes       no: "." separates levels; LIST is then empty for a user with a dot in the name: use terry
#   REJECT8BIT=no     yes: 8-bit headers refused     MUNGE8BIT=yes  no: 8-bit headers stored as they are
#   MAX_MESSAGE=0     bytes, refused above
# SERVER_DATA, IMAP_PORT, IMAPS_PORT, CERT, OWNER as in dovecot.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

ROOT_OF_PACKAGES=$CACHE/cyrus

check() {
  check_machine
  check_unpacked cyrus
  compgen -G "$ROOT_OF_PACKAGES/usr/lib/*/sasl2/libsasldb.so" >/dev/null || compgen -G '/usr/lib/*/sasl2/libsasldb.so' >/dev/null ||
    missing 'cyrus lacks the SASL plugin sasldb (tests/servers/install.sh brings what this machine no longer has)'
}

# use_libraries ROOT: a SASL plugin whose package is installed on this machine was not unpacked.
use_libraries() {
  local folder
  LD_LIBRARY_PATH=$(libraries "$1")
  SASL_PATH=
  for folder in {"$1",}/usr/lib/*-linux-gnu*/sasl2; do
    [ ! -d "$folder" ] || SASL_PATH=$SASL_PATH${SASL_PATH:+:}$folder
  done
  export LD_LIBRARY_PATH SASL_PATH
}

write_conf() {
  cat >"$D/imapd.conf" <<-CONF
	configdirectory: $D/conf
	partition-default: $D/spool
	defaultpartition: default
	proc_path: $D/run/proc
	mboxname_lockpath: $D/run/lock
	cyrus_user: mail
	servername: imap.contoso.com
	admins: cyrus
	proxyservers: mailadmin
	altnamespace: ${ALTNAMESPACE:-yes}
	unixhierarchysep: ${UNIXSEP:-yes}
	reject8bit: ${REJECT8BIT:-no}
	munge8bit: ${MUNGE8BIT:-yes}
	maxmessagesize: ${MAX_MESSAGE:-0}
	autocreate_quota: 0
	autocreate_post: 1
	createonpost: 1
	allowplaintext: yes
	sasl_mech_list: PLAIN LOGIN
	sasl_pwcheck_method: auxprop
	sasl_auxprop_plugin: sasldb
	sasl_sasldb_path: $D/sasldb2
	tls_server_cert: $D/tls/imap.pem
	tls_server_key: $D/tls/imap.key
	tls_sessions_db_path: $D/run/tls_sessions.db
	syslog_prefix: cyrus-test
	skiplist_unsafe: yes
	CONF
  local bin=$D/root/usr/lib/cyrus/bin
  cat >"$D/cyrus.conf" <<-CONF
	START {
	  recover cmd="$bin/ctl_cyrusdb -C $D/imapd.conf -r"
	}
	SERVICES {
	  imap cmd="$bin/imapd -C $D/imapd.conf -U 30" listen="$LISTEN:$IMAP_PORT" prefork=1
	  imaps cmd="$bin/imapd -C $D/imapd.conf -s -U 30" listen="$LISTEN:$IMAPS_PORT" prefork=0
	}
	EVENTS {
	}
	CONF
}

add_user() {
  printf %s "$2" | "$ROOT_OF_PACKAGES/usr/sbin/saslpasswd2" -p -c -f "$D/sasldb2" -u imap.contoso.com "$1"
}

# In a mount namespace, where the packages are seen below $D: user mail may not reach them in the cache.
inside() {
  mount --bind "$ROOT_OF_PACKAGES" "$D/root"
  use_libraries "$D/root"
  export CYRUS_USER=mail
  exec "$D/root/usr/lib/cyrus/bin/master" -D -C "$D/imapd.conf" -M "$D/cyrus.conf" -p "$D/master.pid" -L "$D/master.log"
}

start() {
  prepare cyrus
  mkdir -p "$D"/conf/{db,socket,quota,user,msg,ptclient} "$D/spool" "$D/run/proc" "$D/run/lock" "$D/root"
  write_conf
  local entry
  if [ ! -e "$D/sasldb2" ]; then
    for entry in ${ACCOUNTS:-$PEOPLE terry:1091990} mailadmin:P@ssw0rd cyrus:P@ssw0rd; do
      (use_libraries "$ROOT_OF_PACKAGES" && add_user "${entry%%:*}" "${entry#*:}")
    done
  fi
  chown mail:mail "$D" "$D/sasldb2"
  chown -R mail:mail "$D/conf" "$D/spool" "$D/run"
  launch unshare --mount --pid --fork --kill-child --mount-proc "$HERE/cyrus.sh" inside
  ready "$IMAP_PORT" "$IMAPS_PORT"
  report
}

case ${1:-} in
  start) start ;;
  inside) inside ;;
  stop) D=${SERVER_DATA:-/tmp/imapmig-servers/cyrus}; stop ;;
  check) check ;;
  *) echo "usage: $0 start|stop|check" >&2; exit 2 ;;
esac
