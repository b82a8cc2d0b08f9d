-- The login of Barman. Idempotent: `scripts/lab backup on` and `scripts/lab up` run it on the leader.
SET client_min_messages = warning;
\getenv backup_password BACKUP_PASSWORD

SELECT 'CREATE ROLE barman' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'barman') \gexec
ALTER ROLE barman LOGIN PASSWORD :'backup_password';

-- What Barman's documentation asks for. It streams as `standby`, for only that login may replicate.
GRANT pg_read_all_settings, pg_read_all_stats, pg_checkpoint TO barman;
GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_switch_wal(), pg_create_restore_point(text) TO barman;

-- To look up which table a file of the database is, for `scripts/lab backup find`. It reads no rows.
GRANT CONNECT ON DATABASE app_db TO barman;
