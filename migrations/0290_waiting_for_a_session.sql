-- no-transaction
-- Those who wait for seats of a session, or are offered some: whom a session that moves takes along.
create index concurrently if not exists waitlist_entries_open_of_session_idx on waitlist_entries (group_id)
    where group_id is not null and state in ('waiting', 'offered');
