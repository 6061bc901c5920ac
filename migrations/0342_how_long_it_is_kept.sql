-- How long the clinic keeps what.

-- The country whose periods the organisation keeps, and what it has said otherwise.
create table retention (
    the_only       boolean     not null default true,
    preset         text        not null,
    -- Years for which records of care are kept: never fewer than the preset has.
    record_years   integer     not null,
    -- Months for which what was booked and led to no care is kept with its words.
    booking_months integer     not null,
    -- Whether the worker does it; before, an admin only sees how much it would be.
    is_on          boolean     not null default false,
    version        integer     not null default 1,
    changed_at     timestamptz,
    changed_by     bigint,
    constraint retention_pkey primary key (the_only),
    constraint retention_the_only check (the_only),
    constraint retention_preset_known check (preset in ('id', 'de', 'custom')),
    constraint retention_record_years_sane check (record_years between 10 and 100),
    constraint retention_booking_months_sane check (booking_months between 1 and 120),
    constraint retention_changed_by_fkey foreign key (changed_by) references staff (id)
);
comment on table retention is 'The row is how long the organisation keeps what.';
insert into retention (preset, record_years, booking_months) values ('id', 25, 24);
