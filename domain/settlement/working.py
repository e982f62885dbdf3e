"""Which share of a run is being made at this moment, as SQL: PostgreSQL knows, nothing is stored.

Whoever makes a partner's statements holds an advisory lock named after the partner until the
commit, so the answer is true whatever has died. Since when is the name of a second lock: any role
of the database sees what is locked, while since when a transaction goes on is shown to the
transaction's own role alone, and the one that reads needn't be the worker's.
"""

# The second lock: this word, and the seconds of wall-clock time since `_DAWN`.
_AT_WORK = 0x73657474
_DAWN = "timestamptz '2020-01-01 00:00:00+00'"

# For a worker that has the partner's lock.
BEGIN = f"""
select pg_advisory_xact_lock_shared({_AT_WORK},
  extract(epoch from transaction_timestamp() - {_DAWN})::int)
"""

# The wall-clock time since when a share `{t}` of settlement_share is in work; null when it isn't.
# A partner's shares are made one after the other, so it is the earliest that isn't done.
SINCE = f"""case when {{t}}.done_at is null then (
  select min({_DAWN} + begun.objid::bigint * interval '1 second')
  from pg_locks held join pg_locks begun using (pid)
  where held.locktype = 'advisory' and held.granted and held.objsubid = 1
    and held.database = (select oid from pg_database where datname = current_database())
    and (held.classid::bigint << 32 | held.objid::bigint)
      = hashtextextended('settlement:' || {{t}}.partner_id::text, 0)
    and begun.locktype = 'advisory' and begun.granted and begun.objsubid = 2
    and begun.database = held.database and begun.classid::bigint = {_AT_WORK}
    and not exists (
      select from settlement_share earlier
      join settlement_run its on its.id = earlier.run_id
      join settlement_run whole on whole.id = {{t}}.run_id
      where earlier.done_at is null and earlier.partner_id = {{t}}.partner_id
        and (its.ends_at, its.id) < (whole.ends_at, whole.id))) end"""
