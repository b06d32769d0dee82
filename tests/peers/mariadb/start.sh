# Makes the database once, then serves it.
set -eu
data=/data/mariadb
options="--no-defaults --datadir=$data --tmpdir=/tmp"
if [ ! -d "$data" ]; then
  mariadb-install-db $options --auth-root-authentication-method=normal --skip-test-db > /dev/null
  mariadbd $options --bootstrap << SQL
CREATE DATABASE hub CHARACTER SET utf8mb4;
FLUSH PRIVILEGES;
CREATE USER 'hub'@'%' IDENTIFIED BY '$PASSWORD';
GRANT ALL ON hub.* TO 'hub'@'%';
SQL
fi
exec mariadbd $options --bind-address='*' --port=3306 --socket=/tmp/mariadb.sock --pid-file=/tmp/mariadb.pid \
  --skip-name-resolve --innodb-buffer-pool-size=32M --innodb-flush-log-at-trx-commit=0
