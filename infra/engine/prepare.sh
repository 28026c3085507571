#!/bin/sh
# prepare.sh DYNOXIDE makes empty.db.gz, the file that each folder of dynoxide's begins with: an empty database of the engine's own, and an
# index without which each write to a table with a stream reads all records of the stream. Needs sqlite3.
set -eu
engine=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$engine" serve --host 127.0.0.1 --port "${PORT:-18777}" --db-path "$work/empty.db" >"$work/log" 2>&1 &
pid=$!
until grep -q listening "$work/log"; do sleep 0.1; done
kill "$pid"
wait "$pid" || true
sqlite3 "$work/empty.db" \
	'CREATE INDEX _stream_records_by_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER))' \
	'PRAGMA wal_checkpoint(TRUNCATE)' 'VACUUM' >/dev/null
gzip -9 -n -c "$work/empty.db" >"$here/empty.db.gz"
