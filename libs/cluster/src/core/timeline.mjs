// Where a timeline is read. pg_control_checkpoint() would show the old one until the first checkpoint after a promotion.

/** SQL for a session on the leader: the timeline that it writes. In the statement of a write, it is the timeline of that write. */
export const writtenTimelineSql = `('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int`;

/** SQL for any member of the lab: whether it is in recovery (`t` or `f`), and its timeline. Source: patroni/lab_schema.sql. */
export const memberTimelineSql = 'SELECT pg_is_in_recovery(), timeline FROM lab.node_identity()';
