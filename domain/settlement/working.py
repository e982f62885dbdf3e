"""Which share of a run is being made at this moment, as SQL: PostgreSQL knows, nothing is stored.

Whoever makes a partner's statements holds an advisory lock named after the partner until the
commit, so the answer is true whatever has died.
"""

# The wall-clock time since when a share `{t}` of settlement_share is in work; null when it isn't.
# A partner's shares are made one after the other, so it is the earliest that isn't done.
SINCE = """case when {t}.done_at is null then (
  select min(worker.xact_start) from pg_locks held join pg_stat_activity worker using (pid)
  where held.locktype = 'advisory' and held.granted and held.objsubid = 1
    and held.database = (select oid from pg_database where datname = current_database())
    and (held.classid::bigint << 32 | held.objid::bigint)
      = hashtextextended('settlement:' || {t}.partner_id::text, 0)
    and not exists (
      select from settlement_share earlier
      join settlement_run its on its.id = earlier.run_id
      join settlement_run whole on whole.id = {t}.run_id
      where earlier.done_at is null and earlier.partner_id = {t}.partner_id
        and (its.ends_at, its.id) < (whole.ends_at, whole.id))) end"""
