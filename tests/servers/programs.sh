# Sourced by the scripts of servers that no package has: where their programs are.

PROGRAMS=${IMAPMIG_TEST_SERVERS:-$CACHE/servers}

# program NAME...: the first file there with one of these names, which may be patterns.
program() {
  local name
  for name; do
    find "$PROGRAMS" -maxdepth 1 -name "$name" 2>/dev/null | sort | tail -n 1 | grep . && return 0
  done
  return 0
}

# unpack_program NAME FILE: puts the program into the server's folder.
unpack_program() {
  [ ! -x "$D/$1" ] || return 0
  case $2 in
    *.xz) xz -dc "$2" >"$D/$1" ;;
    *) cp "$2" "$D/$1" ;;
  esac
  chmod 755 "$D/$1"
}
