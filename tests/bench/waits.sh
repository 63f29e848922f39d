#!/bin/bash
# How long a person waits: `waits.sh PROGRAM [ROUNDS]` prints milliseconds, starts of processes included.
#   new + wait   a batch with one empty mailbox is created, started and waited for; each time a worker starts
#   sync + wait  a running worker is asked to sync, and its end is waited for
#   get          what starting a process and reading the database takes alone, to be taken off
# On a machine with other work to do, run it under `chrt -r 20`.
set -euo pipefail

program=$1
rounds=${2:-5}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export IMAPMIGRATION_HOME=$place/state
mkdir -p "$place"/mail/ann@contoso.edu/Maildir/{cur,new,tmp}
printf 'EmailAddress,UserName,Password\nann@contoso.edu,ann@contoso.edu,\n' >"$place/users.csv"

run() {
    "$program" "$@" --json >/dev/null
}

# The milliseconds that a command takes.
took() {
    local began ended
    began=$(date +%s%N)
    "$@"
    ended=$(date +%s%N)
    printf '%4d ms' $(((ended - began) / 1000000))
}

create() {
    run batch new --name Batch --csv-file "$place/users.csv" --source-endpoint Source --auto-start
    run wait Batch
}

sync_now() {
    run batch set Batch --sync-now
    run wait Batch
}

run endpoint new --name Source --type Maildir --path "$place/mail"
for ((round = 0; round < rounds; round++)); do
    echo "new + wait $(took create), sync + wait $(took sync_now), get $(took run batch get Batch)"
    run batch remove Batch --yes
    # The worker ends when nothing is left to do; the next round starts one of its own.
    while ! flock --nonblock "$place/state/worker.lock" true; do :; done
done
