#!/bin/bash
# Makes the certificates of the tests' own authority.   certificates.sh FOLDER
#   ca.pem        the authority, to be trusted by a client under test
#   good          for imap.contoso.com, localhost and 127.0.0.1
#   expired       the same names, ended in 2021
#   wrong-host    for imap.elsewhere.example only
#   self-signed   the right names, but signed by nobody
# Each as NAME.pem and NAME.key. What is there and still good for a week is left alone.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
exec 9>lock
flock 9
if [ -s self-signed.pem ] && openssl x509 -in good.pem -noout -checkend 604800 >/dev/null; then exit 0; fi

HERE_NAMES=DNS:imap.contoso.com,DNS:localhost,IP:127.0.0.1
KEY='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'

# shellcheck disable=SC2086
openssl req -x509 $KEY -days 3650 -keyout ca.key -out ca.pem -subj '/CN=ImapMigration test CA' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null

cat >ca.conf <<'CONF'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CONF

# signed NAME SUBJECT-NAMES FROM UNTIL
signed() {
  : >index.txt
  printf '%s\n' "subjectAltName=$2" 'basicConstraints=CA:FALSE' 'extendedKeyUsage=serverAuth' >"$1.ext"
  local common=${2%%,*}
  # shellcheck disable=SC2086
  openssl req $KEY -keyout "$1.key" -out "$1.csr" -subj "/CN=${common#DNS:}" 2>/dev/null
  openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" \
    -extfile "$1.ext" -startdate "$3" -enddate "$4" 2>ca.log || { cat ca.log >&2; exit 1; }
}
yesterday=$(date -u -d yesterday +%Y%m%d000000Z)
in_two_years=$(date -u -d '2 years' +%Y%m%d000000Z)
signed good "$HERE_NAMES" "$yesterday" "$in_two_years"
signed wrong-host DNS:imap.elsewhere.example "$yesterday" "$in_two_years"
signed expired "$HERE_NAMES" 20200101000000Z 20210101000000Z

# shellcheck disable=SC2086
openssl req -x509 $KEY -days 730 -keyout self-signed.key -out self-signed.new -subj /CN=imap.contoso.com \
  -addext "subjectAltName=$HERE_NAMES" 2>/dev/null
mv self-signed.new self-signed.pem
rm -f ./*.csr ./*.ext ./index.txt* ./ca.conf ./ca.log ./[0-9A-F]*.pem
