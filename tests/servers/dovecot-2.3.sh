# Sourced by dovecot.sh: the configuration for Dovecot 2.3, as Debian 12 has it.

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
