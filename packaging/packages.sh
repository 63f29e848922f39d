#!/bin/bash
# Packs imapmig for Linux from what cargo built.   packages.sh [PROGRAM [FOLDER [LICENCES]]]
#   PROGRAM  target/release/imapmig unless given      FOLDER  out unless given      LICENCES  a file with the licences of the crates, if it is to go along
# Makes imapmig-<version>-linux-<architecture>.tar.gz and, where dpkg-deb is, imapmig_<version>_<architecture>.deb: the program, the
# manual, completions, and in the .deb the systemd unit, which is not started. SHA256SUMS lists both.
# IMAPMIG_PACKAGES_FAST=1 compresses little: for trials.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/imapmig}")
out=$(realpath -m "${2:-out}")
version=$("$program" --version | cut -d' ' -f2)
architecture=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
level=9 compression=(-Zxz)
[ -z "${IMAPMIG_PACKAGES_FAST:-}" ] || level=1 compression=(-Zgzip -z1)
mkdir -p "$out"

tree=$work/imapmig-$version-linux-$architecture
install -D -m 755 "$program" "$tree/bin/imapmig"
"$program" man "$tree/share/man/man1"
gzip -9n "$tree"/share/man/man1/*
mkdir -p "$tree"/share/{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d,doc/imapmig}
"$program" completions bash >"$tree/share/bash-completion/completions/imapmig"
"$program" completions zsh >"$tree/share/zsh/vendor-completions/_imapmig"
"$program" completions fish >"$tree/share/fish/vendor_completions.d/imapmig.fish"
install -m 644 README.md CHANGELOG.md docs/*.md "$tree/share/doc/imapmig/"
install -m 644 LICENSE "$tree/share/doc/imapmig/copyright"
[ -z "${3:-}" ] || install -m 644 "$3" "$tree/share/doc/imapmig/"
made=(imapmig-"$version"-linux-"$architecture".tar.gz)
tar -C "$work" --owner=0 --group=0 -c "${tree##*/}" | gzip "-n$level" >"$out/${made[0]}"

if command -v dpkg-deb >/dev/null; then
  root=$work/root
  mkdir -p "$root/DEBIAN" "$root/usr"
  cp -a "$tree/." "$root/usr/"
  install -D -m 644 packaging/imapmig.service "$root/usr/lib/systemd/system/imapmig.service"
  # OpenSSL and SQLite are part of the program; the C library must be at least the one that it was linked with.
  libc=$(objdump -T "$program" 2>/dev/null | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1 | cut -d_ -f2 || true)
  cat >"$root/DEBIAN/control" <<-CONTROL
	Package: imapmig
	Version: $version
	Architecture: $architecture
	Maintainer: The ImapMigration contributors <imapmigration@localhost>
	Section: mail
	Priority: optional
	Depends: libc6${libc:+ (>= $libc)}, libgcc-s1
	Recommends: ca-certificates
	Installed-Size: $(du -sk "$root/usr" | cut -f1)
	Description: moves mail between IMAP servers, Microsoft 365 and Maildirs
	 The migration runbook of Exchange Online as commands of a shell: endpoints, batches from a CSV file, and a worker that moves the mail
	 and keeps it in step until the domain has moved.
	CONTROL
  cat >"$root/DEBIAN/postinst" <<-'SH'
	#!/bin/sh
	set -e
	# The account of the service; starting it is up to the administrator: systemctl enable --now imapmig
	if [ "$1" = configure ] && ! getent passwd imapmig >/dev/null; then
	  useradd --system --home-dir /var/lib/imapmigration --no-create-home --shell /usr/sbin/nologin imapmig
	fi
	[ ! -d /run/systemd/system ] || systemctl daemon-reload || true
	SH
  chmod 755 "$root/DEBIAN/postinst"
  made+=(imapmig_"$version"_"$architecture".deb)
  dpkg-deb --root-owner-group "${compression[@]}" --build "$root" "$out/${made[1]}" >/dev/null
fi
(cd "$out" && sha256sum "${made[@]}" >SHA256SUMS)
printf '%s\n' "${made[@]/#/$out/}" "$out/SHA256SUMS"
