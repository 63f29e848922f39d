# Sourced by dovecot.sh: the configuration for Dovecot 2.4, as Debian 13 has it. The functions are those of dovecot-2.3.sh.

write_base() {
  local number
  number=$(dovecot --version | cut -d' ' -f1 | cut -d- -f1)
  cat <<-CONF
	dovecot_config_version = $number
	dovecot_storage_version = $number
	base_dir = $D/run
	state_dir = $D/state
	log_path = $D/dovecot.log
	listen = $LISTEN
	protocols = imap
	ssl = yes
	ssl_server_cert_file = $D/tls/imap.pem
	ssl_server_key_file = $D/tls/imap.key
	auth_allow_cleartext = yes
	auth_username_chars =
	auth_username_format = %{user}
	auth_failure_delay = 0
	first_valid_uid = 1
	mail_fsync = ${FSYNC:-never}
	mail_max_userip_connections = $(limit "${MAX_PER_USER_IP:-0}")
	service imap-login {
	  restart_request_count = unlimited
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
  [ -z "${CAPABILITY:-}" ] || printf '%s\n' 'protocol imap {' "  imap_capability = $CAPABILITY" '}'
  # Failed logins delay every later login from the same address, right ones too, unless told otherwise.
  [ "${AUTH_PENALTY:-0}" != 0 ] ||
    printf '%s\n' 'service anvil {' ' unix_listener anvil-auth-penalty {' '  mode = 0' ' }' '}'
  [ -z "${QUOTA:-}${MAX_MESSAGE:-}" ] || cat <<-CONF
	mail_plugins {
	  quota = yes
	}
	quota_mail_size = $(limit "${MAX_MESSAGE:-0}")
	quota "User quota" {
	  driver = maildir
	  storage_size = ${QUOTA:-1G}
	}
	CONF
}

# limit NUMBER: a limit as 2.4 writes it, where 0 would let nothing through.
limit() {
  if [ "$1" = 0 ]; then echo unlimited; else echo "$1"; fi
}

write_master() {
  echo "${ADMIN%%:*}:{PLAIN}${ADMIN#*:}" >"$D/masters"
  cat <<-CONF
	auth_master_user_separator = ${MASTER_SEPARATOR:-*}
	passdb masters {
	  driver = passwd-file
	  master = yes
	  result_success = continue
	  passwd_file_path = $D/masters
	}
	CONF
}

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
	passdb people {
	  driver = passwd-file
	  auth_username_format = x-%{user}
	  passwd_file_path = $D/people
	}
	CONF
  write_users
}

write_target() {
  write_master
  write_any_password
  write_users
}

write_maildirs() {
  rm -rf "$D/mail"
  mkdir -p "$D/mail"
  cp -a "${MAIL_ROOT:?the folder that holds <EmailAddress>/Maildir}/." "$D/mail/"
  chmod 755 "$D/mail"
  chown -R mail:mail "$D/mail"
  write_any_password
  write_users
}

# 2.4 asks one question for each token, so that none is anybody's.
write_oauth() {
  TOKEN_PORT=${TOKEN_PORT:-$(free_port)}
  touch "$D/tokens"
  local mechanisms='xoauth2 oauthbearer'
  [ "${PASSWORDS:-0}" = 0 ] || mechanisms="plain login $mechanisms"
  cat <<-CONF
	auth_mechanisms = $mechanisms
	oauth2_introspection_mode = auth
	oauth2_introspection_url = http://$LISTEN:$TOKEN_PORT/
	oauth2_force_introspection = yes
	oauth2_username_attribute = user
	oauth2_active_attribute = active
	oauth2_active_value = true
	oauth2_scope = mail
	passdb oauth2 {
	  mechanisms_filter = xoauth2 oauthbearer
	}
	CONF
  write_any_password 'mechanisms_filter = plain login'
  write_users
}

write_any_password() {
  printf '%s\n' 'passdb static {' '  static_password = pw' "  ${1:-}" '}'
}

write_users() {
  local driver=${STORE:-maildir} folder
  if [ "$driver" = maildir ]; then folder=Maildir; else folder=$driver; fi
  cat <<-CONF
	userdb static {
	  fields {
	    uid = mail
	    gid = mail
	    home = $D/mail/%{user}
	  }
	}
	mail_driver = $driver
	mail_path = ~/$folder
	CONF
}
