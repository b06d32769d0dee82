# Makes the database once, then serves it. The password is asked of everybody who comes over the network.
set -eu
data=/data/postgres
if [ ! -e "$data/PG_VERSION" ]; then
  initdb --pgdata "$data" --username hub --auth-local trust --auth-host scram-sha-256 --encoding UTF8 --no-sync > /dev/null
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
  postgres --single -D "$data" postgres << SQL
CREATE DATABASE hub
ALTER ROLE hub PASSWORD '$PASSWORD'
SQL
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off
