# A MariaDB server for one run, in memory: sh mariadb.sh /usr/sbin/mariadbd [FILE]
# Runs inside of a sandbox, as whoever the program runs as.
server=$1
shift
data=/tmp/mariadb
socket=/tmp/mariadb.sock
mkdir -p "$data/mysql" "$data/test"
set -- "$data" "$@"
options="--no-defaults --datadir=$data --socket=$socket --pid-file=/tmp/mariadb.pid --skip-networking --skip-log-bin --innodb-buffer-pool-size=16M
--innodb-log-file-size=4M --innodb-flush-log-at-trx-commit=0 --skip-innodb-doublewrite --key-buffer-size=1M --performance-schema=OFF
--character-set-server=utf8mb4 --skip-grant-tables --log-error=/tmp/mariadb.log --default-storage-engine=InnoDB --aria-pagecache-buffer-size=8M
--open-files-limit=200 --max-connections=10 --table-open-cache=64"

$server $options > /tmp/mariadb.out 2>&1 &
tries=0
until mariadb --no-defaults --socket="$socket" --execute "select 1" > /dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$!" 2> /dev/null; then
        cat /tmp/mariadb.out /tmp/mariadb.log >&2
        exit 1
    fi
    sleep 0.05
done
if [ -n "${2:-}" ]; then
    exec mariadb --no-defaults --socket="$socket" --database=test < "$2"
fi
exec mariadb --no-defaults --socket="$socket" --database=test
