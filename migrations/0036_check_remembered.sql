-- The last check of the database, of whichever server: one of them checks for all.

create table integrity_checks (
    id            smallint not null default 1,
    -- Since when there could have been a check.
    awaited_since timestamptz not null default now(),
    -- The moment that was checked; null before the first check. All else is of that check.
    checked_at    timestamptz,
    took_ms       bigint,
    appointments  bigint,
    changes       bigint,
    doctors       bigint,
    patients      bigint,
    -- A list of {rule, total, rows}, of all rules, kept or broken.
    findings      jsonb,
    constraint integrity_checks_pkey primary key (id),
    constraint integrity_checks_is_one_row check (id = 1),
    constraint integrity_checks_whole check (
        num_nulls(checked_at, took_ms, appointments, changes, doctors, patients, findings) in (0, 7)
    )
);
comment on table integrity_checks is 'The one row is the last check of the integrity of this database.';

insert into integrity_checks default values;
