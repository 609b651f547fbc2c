"""The ledger in parts (PostgreSQL): each takes the entries of a span of numbers, and so of a span of time.

Entries get their numbers in the order in which they are recorded, so that a part is a time, and an older part
is never written to again: it is frozen once, lies on slower disks, and is dumped once. Cut by `recorded_at`
instead, the number of an entry would be unique only together with its time, so that nothing could point at it
(the log's leaves, corrections), and the trigger that dates an entry after every list could move it out of its
part, which PostgreSQL refuses.

What has to be unique over all parts is so elsewhere: that a claim is reserved once stands in `holding`, which
has a row for each claim and is written in the same statement.

There is no part for what fits nowhere else: it would have to be looked through, and be closed to all, for each
part that is made. Parts are made ahead instead, and each is large. Whoever finds none for its entry all the same
makes it and writes again (`storage.unit_of_work`); so the function runs with the rights of who owns the tables.
"""

from __future__ import annotations

from alembic import op

ENTRIES_IN_A_PART = 20_000_000
"""Some 8 GB with its indexes (docs/scale.md); a part is made when the second before it is begun."""
MADE_AHEAD = 2

_MAKE_ROOM = f"""
    CREATE FUNCTION make_room_for_entries() RETURNS integer LANGUAGE plpgsql
      SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE
      size constant bigint := {ENTRIES_IN_A_PART};
      newest bigint;
      made integer := 0;
      name text;
    BEGIN
      -- One after the other: the second finds what the first made.
      PERFORM pg_advisory_xact_lock(hashtext('make_room_for_entries'));
      -- The number that was given last, for it is the next one that has to find its part.
      SELECT greatest(coalesce(max(entry_id), 0),
          coalesce(pg_sequence_last_value(pg_get_serial_sequence('entry', 'entry_id')::regclass), 0)) / size
        INTO newest FROM entry;
      FOR number IN newest .. newest + {MADE_AHEAD} LOOP
        name := 'entry_' || lpad(number::text, 6, '0');
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I PARTITION OF entry FOR VALUES FROM (%s) TO (%s)',
          name, number * size, (number + 1) * size);
        -- What is refused for each row goes over to a part by itself; this does not.
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
          name || '_not_truncated', name);
        made := made + 1;
      END LOOP;
      RETURN made;
    END $$
    """


def create_partitions() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_MAKE_ROOM)
        op.execute("SELECT make_room_for_entries()")


def drop_partitions() -> None:
    """The parts go with their table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION make_room_for_entries()")
        op.execute("""
            DO $$ DECLARE part text; BEGIN
              FOR part IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'entry'::regclass LOOP
                EXECUTE format('DROP TRIGGER %I ON %I', part || '_not_truncated', part);
              END LOOP;
            END $$
            """)
