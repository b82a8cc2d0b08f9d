-- What postgres-ha needs of a database: the functions with which a node says who and where it is, and the table of idempotency keys. On the
-- leader, once, as a superuser, in the database of the service; the standbys get it by replication:
--
--   psql --variable login=shop_user --file install.sql shop
--
-- LOGIN is the role that the service logs in as. It may be run again, after an update too. PostgreSQL 14 or newer.
\set ON_ERROR_STOP on
BEGIN;

CREATE SCHEMA IF NOT EXISTS postgres_ha;

-- The timeline of a standby. While it receives from nobody: that of the newest segment in its log. Its control file may be
-- several timelines behind, and the cluster's current timeline may be one that it has not joined: an old leader that comes
-- back is, until it has been rewound, a standby of its own abandoned timeline, with rows that nobody else has.
CREATE OR REPLACE FUNCTION postgres_ha.standby_timeline() RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  timeline int := (SELECT r.received_tli FROM pg_stat_get_wal_receiver() AS r);
BEGIN
  IF timeline IS NULL THEN
    timeline := (
      SELECT max(('x' || left(w.name, 8))::bit(32)::int) FROM pg_ls_waldir() AS w WHERE w.name ~ '^[0-9A-F]{24}$');
  END IF;
  RETURN timeline;
END
$$;

-- Who a node is: the name of its host, else cluster_name, else its address. The port follows where it is not 5432, because two servers
-- of one host would share the name.
CREATE OR REPLACE FUNCTION postgres_ha.node_identity()
RETURNS TABLE (member text, address text, system_id text, timeline int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  address := host(inet_server_addr());
  member := coalesce(
    nullif(trim(E' \n' FROM pg_read_file('/etc/hostname', 0, 1024, true)), ''),
    nullif(current_setting('cluster_name'), ''),
    address,
    'localhost');
  IF current_setting('port') <> '5432' THEN
    member := member || ':' || current_setting('port');
  END IF;
  system_id := (SELECT c.system_identifier::text FROM pg_control_system() AS c);
  IF pg_is_in_recovery() THEN
    timeline := postgres_ha.standby_timeline();
  ELSE
    -- The control file still shows the old timeline until the first checkpoint after a promotion; the WAL file name does not.
    timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int;
  END IF;
  RETURN NEXT;
END
$$;

-- Where a node stands in the log. A snapshot taken after the call sees everything up to lsn; one taken before it saw
-- nothing above ceiling. On a standby a commit becomes visible a moment before pg_last_wal_replay_lsn() counts it, so
-- what was received bounds what was seen. The timeline is asked last: one that changes in between must not vouch for the
-- new one's rows under the old one's number.
CREATE OR REPLACE FUNCTION postgres_ha.position(OUT timeline int, OUT lsn pg_lsn, OUT ceiling pg_lsn)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    lsn := pg_last_wal_replay_lsn();
    ceiling := greatest(lsn, pg_last_wal_receive_lsn());
    timeline := postgres_ha.standby_timeline();
  ELSE
    lsn := pg_current_wal_flush_lsn();
    ceiling := lsn;
    timeline := ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int;
  END IF;
END
$$;

-- Where each past timeline ended and why, from the newest history file in the log: a line of it is timeline, position and reason, with tabs
-- between. Without such a file there was no failover, or this node has not followed one.
CREATE OR REPLACE FUNCTION postgres_ha.ended_timelines()
RETURNS TABLE (timeline int, lsn pg_lsn, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT split_part(line, E'\t', 1)::int, split_part(line, E'\t', 2)::pg_lsn, split_part(line, E'\t', 3)
  FROM (SELECT w.name FROM pg_ls_waldir() AS w WHERE w.name ~ '^[0-9A-F]{8}[.]history$' ORDER BY w.name DESC LIMIT 1) AS newest,
       regexp_split_to_table(pg_read_file('pg_wal/' || newest.name), E'\n') AS line
  WHERE line ~ '^[0-9]+\t'
$$;

CREATE TABLE IF NOT EXISTS postgres_ha.idempotency_keys (
       scope text NOT NULL,
       key text NOT NULL,
       fingerprint bytea NOT NULL,
       status smallint NOT NULL,
       headers jsonb NOT NULL,
       body text,
       replays integer NOT NULL DEFAULT 0,
       kept_until timestamptz NOT NULL,
       CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key)
     );
CREATE INDEX IF NOT EXISTS idempotency_keys_kept_until ON postgres_ha.idempotency_keys (kept_until);

REVOKE ALL ON FUNCTION postgres_ha.standby_timeline(), postgres_ha.node_identity(), postgres_ha.position(), postgres_ha.ended_timelines()
  FROM PUBLIC;
GRANT USAGE ON SCHEMA postgres_ha TO :"login";
GRANT EXECUTE ON FUNCTION postgres_ha.node_identity(), postgres_ha.position(), postgres_ha.ended_timelines() TO :"login";
GRANT SELECT, INSERT, UPDATE, DELETE ON postgres_ha.idempotency_keys TO :"login";

COMMIT;
