-- Copies that were restored from a backup, and backups that were made (O2).

alter table installation
    -- Since when this is a copy from which nothing leaves: no message, payment, webhook or calendar. Null where it is at work.
    add column paused_since  timestamptz,
    -- The moment that the backup is of which it was restored from.
    add column restored_from timestamptz;

-- A backup that somebody, or the worker of a day, began; and what became of it. It is of this database alone: a copy that is
-- restored begins with none.
create table backups (
    id        bigint      generated always as identity,
    -- The day of which it is the daily one: of several servers, one makes it. Null where somebody made it by hand.
    day       date,
    began_at  timestamptz not null,
    -- Null while it is under way, and where its server died.
    ended_at  timestamptz,
    -- The name of its file; null where it failed.
    name      text,
    bytes     bigint,
    rows      bigint,
    constraint backups_pkey primary key (id),
    constraint backups_one_a_day unique (day),
    constraint backups_whole check ((name is null) = (bytes is null) and (name is null) = (rows is null)),
    constraint backups_done_when_ended check (name is null or ended_at is not null),
    constraint backups_sizes_sane check (bytes >= 0 and rows >= 0)
);
comment on table backups is 'A backup that was begun, by hand or for a day, and what became of it.';
create index backups_ended_at_idx on backups (ended_at desc) where name is not null;
