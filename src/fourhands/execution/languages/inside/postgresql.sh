# A PostgreSQL server for one run, in memory: sh postgresql.sh /usr/lib/postgresql/15/bin/postgres [--file FILE]
# Runs inside of a sandbox, as whoever the program runs as.
bin=${1%/*}
shift
data=/tmp/postgresql
export LC_ALL=C.UTF-8 PGHOST=/tmp PGUSER=me PGDATABASE=postgres PGOPTIONS="-c client_min_messages=warning"

if ! "$bin/initdb" -D "$data" -U me -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions > /tmp/postgresql.log 2>&1; then
    cat /tmp/postgresql.log >&2
    exit 1
fi
cat >> "$data/postgresql.conf" <<'SETTINGS'
listen_addresses = ''
unix_socket_directories = '/tmp'
shared_buffers = 16MB
max_connections = 10
autovacuum = off
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_worker_processes = 2
SETTINGS
if ! "$bin/pg_ctl" -D "$data" -w -l /tmp/postgresql.log start > /dev/null; then
    cat /tmp/postgresql.log >&2
    exit 1
fi
exec "${bin}/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"
