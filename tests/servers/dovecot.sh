#!/bin/bash
# A Dovecot of the tests' own on loopback.   dovecot.sh start|stop|check
#   ROLE=source     every sign-in style of the runbook; ACCOUNTS="name:password ..." (three people of the documents)
#   ROLE=target     any user, password pw; mailadmin / P@ssw0rd opens any mailbox (authorization identity, user*mailadmin)
#   ROLE=maildirs   serves a copy of MAIL_ROOT/<EmailAddress>/Maildir; any user, password pw
#   ROLE=oauth      XOAUTH2 and OAUTHBEARER; the file tokens in the data folder has a line "TOKEN USER" for each
#                   valid one, USER * is anybody; PASSWORDS=1 adds LOGIN and PLAIN (pw)
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
}

write_base() {
  cat <<-CONF
	base_dir = $D/run
	state_dir = $D/state
	log_path = $D/dovecot.log
	listen = $LISTEN
	protocols = imap
	ssl = yes
	ssl_cert = <$D/tls/imap.pem
	ssl_key = <$D/tls/imap.key
	disable_plaintext_auth = no
	auth_username_chars =
	auth_failure_delay = 0
	first_valid_uid = 1
	mail_fsync = ${FSYNC:-never}
	mail_max_userip_connections = ${MAX_PER_USER_IP:-0}
	${CAPABILITY:+imap_capability = $CAPABILITY}
	service imap-login {
	  service_count = 0
	  inet_listener imap {
	    port = $IMAP_PORT
	  }
	  inet_listener imaps {
	    port = $IMAPS_PORT
	    ssl = yes
	  }
	}
	namespace inbox {
	  inbox = yes
	  prefix = ${NS_PREFIX:-}
	  separator = ${NS_SEPARATOR:-/}
	  mailbox Sent {
	    special_use = \Sent
	  }
	}
	CONF
  # Failed logins delay every later login from the same address, right ones too, unless told otherwise.
  [ "${AUTH_PENALTY:-0}" != 0 ] ||
    printf '%s\n' 'service anvil {' ' unix_listener anvil-auth-penalty {' '  mode = 0' ' }' '}'
  [ -z "${QUOTA:-}${MAX_MESSAGE:-}" ] || cat <<-CONF
	mail_plugins = quota
	plugin {
	  quota = maildir:User quota
	  quota_rule = *:storage=${QUOTA:-1G}
	  quota_max_mail_size = ${MAX_MESSAGE:-0}
	}
	CONF
}

write_master() {
  echo "${ADMIN%%:*}:{PLAIN}${ADMIN#*:}" >"$D/masters"
  cat <<-CONF
	auth_master_user_separator = ${MASTER_SEPARATOR:-*}
	passdb {
	  driver = passwd-file
	  master = yes
	  result_success = continue
	  args = $D/masters
	}
	CONF
}

# The styles realm/admin/user and #user@domain#admin# are login names of their own: the administrator's password, and
# "user" makes Dovecot open the person's mailbox. The x- in front of each keeps a leading # from being a comment.
write_source() {
  local entry name
  : >"$D/people"
  for entry in ${ACCOUNTS:-$PEOPLE}; do
    name=${entry%%:*}
    cat >>"$D/people" <<-PERSON
	x-$name:{PLAIN}${entry#*:}::::::
	x-contoso-students/${ADMIN%%:*}/$name:{PLAIN}${ADMIN#*:}::::::user=$name
	x-#$name@contoso-students.edu#${ADMIN%%:*}#:{PLAIN}${ADMIN#*:}::::::user=$name
	PERSON
  done
  write_master
  cat <<-CONF
	passdb {
	  driver = passwd-file
	  args = username_format=x-%u $D/people
	}
	CONF
  write_users ''
}

write_target() {
  write_master
  write_any_password
  write_users ''
}

write_maildirs() {
  rm -rf "$D/mail"
  mkdir -p "$D/mail"
  cp -a "${MAIL_ROOT:?the folder that holds <EmailAddress>/Maildir}/." "$D/mail/"
  chmod 755 "$D/mail"
  chown -R mail:mail "$D/mail"
  write_any_password
  write_users ':LAYOUT=maildir++'
}

# Two questions for each token: is it this user's, and is it anybody's? For the second, username_format makes every
# name equal.
write_oauth() {
  TOKEN_PORT=${TOKEN_PORT:-$(free_port)}
  touch "$D/tokens"
  local mechanisms='xoauth2 oauthbearer'
  [ "${PASSWORDS:-0}" = 0 ] || mechanisms="plain login $mechanisms"
  echo "auth_mechanisms = $mechanisms"
  write_oauth_question any 'username_format = anybody'
  write_oauth_question ''
  write_any_password 'mechanisms = plain login'
  write_users ''
}

# write_oauth_question PATH [SETTING]
write_oauth_question() {
  cat >"$D/oauth2$1.conf" <<-CONF
	introspection_mode = auth
	introspection_url = http://$LISTEN:$TOKEN_PORT/$1
	force_introspection = yes
	username_attribute = user
	active_attribute = active
	active_value = true
	scope = mail
	timeout_msecs = 5000
	${2:-}
	CONF
  cat <<-CONF
	passdb {
	  driver = oauth2
	  mechanisms = xoauth2 oauthbearer
	  args = $D/oauth2$1.conf
	}
	CONF
}

write_any_password() {
  printf '%s\n' 'passdb {' '  driver = static' '  args = password=pw' "  ${1:-}" '}'
}

store() {
  case ${STORE:-maildir} in
    maildir) echo "maildir:~/Maildir$1" ;;
    *) echo "$STORE:~/$STORE" ;;
  esac
}

write_users() {
  cat <<-CONF
	userdb {
	  driver = static
	  args = uid=mail gid=mail home=$D/mail/%u
	}
	mail_location = $(store "$1")
	CONF
}

start() {
  prepare "dovecot-$ROLE"
  mkdir -p "$D/mail"
  chown mail:mail "$D/mail"
  rm -rf "$D/run"
  { write_base; "write_$ROLE"; } >"$D/dovecot.conf"
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
