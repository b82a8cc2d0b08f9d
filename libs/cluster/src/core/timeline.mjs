// Where a timeline is read. Not from pg_control_checkpoint(): the control file lags behind a promotion until the next checkpoint.

/** SQL for a session on the leader: the timeline of what it is writing. In the same statement as a write, that of the write. */
export const writtenTimelineSql = `('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int`;

/** SQL for any member of the lab: whether it is in recovery (`t` or `f`), and its timeline. Source: patroni/lab_schema.sql. */
export const memberTimelineSql = 'SELECT pg_is_in_recovery(), timeline FROM lab.node_identity()';
