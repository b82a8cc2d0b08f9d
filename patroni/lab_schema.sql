-- What an ordinary role cannot see but the lab has to show: which node answers, and how far each standby is.
-- SECURITY DEFINER with a fixed search_path; callable by the lab's roles only.
CREATE SCHEMA IF NOT EXISTS lab;
GRANT USAGE ON SCHEMA lab TO app_owner, app_user, monitor;

-- Rows the demo scripts write, so that they need no table of the API.
CREATE TABLE IF NOT EXISTS lab.demo (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  written_at timestamptz NOT NULL DEFAULT now());
GRANT SELECT, INSERT, DELETE ON lab.demo TO app_user;

-- Rows that the fault drills write as a client without the API would. No key on the first: it must be able to show a duplicate.
CREATE TABLE IF NOT EXISTS lab.chaos_unique (key text NOT NULL);
CREATE TABLE IF NOT EXISTS lab.chaos_counters (key text PRIMARY KEY, value bigint NOT NULL);
GRANT SELECT, INSERT, UPDATE ON lab.chaos_unique, lab.chaos_counters TO app_user;

-- These four are libs/postgres-ha/src/database/install.ts, word for word; its spec compares them.

-- The timeline of a standby. While it receives from nobody: that of the newest segment in its log. Its control file may be
-- several timelines behind, and the cluster's current timeline may be one that it has not joined: an old leader that comes
-- back is, until it has been rewound, a standby of its own abandoned timeline, with rows that nobody else has.
CREATE OR REPLACE FUNCTION lab.standby_timeline() RETURNS int
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
CREATE OR REPLACE FUNCTION lab.node_identity()
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
    timeline := lab.standby_timeline();
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
CREATE OR REPLACE FUNCTION lab.position(OUT timeline int, OUT lsn pg_lsn, OUT ceiling pg_lsn)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    lsn := pg_last_wal_replay_lsn();
    ceiling := greatest(lsn, pg_last_wal_receive_lsn());
    timeline := lab.standby_timeline();
  ELSE
    lsn := pg_current_wal_flush_lsn();
    ceiling := lsn;
    timeline := ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int;
  END IF;
END
$$;

-- Where each past timeline ended and why, from the newest history file in the log: a line of it is timeline, position and reason, with tabs
-- between. Without such a file there was no failover, or this node has not followed one.
CREATE OR REPLACE FUNCTION lab.ended_timelines()
RETURNS TABLE (timeline int, lsn pg_lsn, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT split_part(line, E'\t', 1)::int, split_part(line, E'\t', 2)::pg_lsn, split_part(line, E'\t', 3)
  FROM (SELECT w.name FROM pg_ls_waldir() AS w WHERE w.name ~ '^[0-9A-F]{8}[.]history$' ORDER BY w.name DESC LIMIT 1) AS newest,
       regexp_split_to_table(pg_read_file('pg_wal/' || newest.name), E'\n') AS line
  WHERE line ~ '^[0-9]+\t'
$$;

CREATE OR REPLACE FUNCTION lab.replication_status()
RETURNS TABLE (
  application_name text, client_addr text, state text, sync_state text, sync_priority int,
  sent_lsn pg_lsn, write_lsn pg_lsn, flush_lsn pg_lsn, replay_lsn pg_lsn,
  write_lag interval, flush_lag interval, replay_lag interval,
  slot_name text, slot_active bool, slot_restart_lsn pg_lsn, slot_wal_status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT r.application_name, host(r.client_addr), r.state, r.sync_state, r.sync_priority,
         r.sent_lsn, r.write_lsn, r.flush_lsn, r.replay_lsn,
         r.write_lag, r.flush_lag, r.replay_lag,
         s.slot_name::text, s.active, s.restart_lsn, s.wal_status
  FROM pg_stat_replication AS r
  LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid
$$;

-- Every slot of a node, also those nobody uses: they hold WAL back.
CREATE OR REPLACE FUNCTION lab.replication_slots()
RETURNS TABLE (slot_name text, slot_type text, active bool, restart_lsn pg_lsn, wal_status text, retained_bytes numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT s.slot_name::text, s.slot_type, s.active, s.restart_lsn, s.wal_status,
         CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - s.restart_lsn
  FROM pg_replication_slots AS s
$$;

-- How a standby sees its own stream. One row always; status is null while it receives from nobody.
CREATE OR REPLACE FUNCTION lab.wal_receiver()
RETURNS TABLE (
  status text, sender_host text, sender_port int, timeline int, slot_name text, written_lsn pg_lsn, flushed_lsn pg_lsn,
  replay_lsn pg_lsn, replay_pause_state text, last_message_at timestamptz, last_replayed_commit_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT r.status, r.sender_host, r.sender_port, r.received_tli, r.slot_name, r.written_lsn, r.flushed_lsn,
         pg_last_wal_replay_lsn(), pg_get_wal_replay_pause_state(), r.last_msg_receipt_time, pg_last_xact_replay_timestamp()
  FROM (VALUES (1)) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true
$$;

REVOKE ALL ON FUNCTION lab.standby_timeline(), lab.node_identity(), lab.position(), lab.ended_timelines(), lab.replication_status(),
  lab.replication_slots(), lab.wal_receiver() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lab.node_identity(), lab.position(), lab.ended_timelines(), lab.replication_status(), lab.replication_slots(),
  lab.wal_receiver() TO app_owner, app_user, monitor;
