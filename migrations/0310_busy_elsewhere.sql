-- Busy elsewhere: what doctors have in calendars of others takes their time here, too. What it is about is not kept.

create table external_items (
    id             bigint      generated always as identity,
    collection_id  bigint      not null,
    doctor_id      bigint      not null,
    -- As the server says both.
    href           text        not null,
    etag           text        not null,
    state          text        not null,
    -- When it takes place, as iCalendar, without a word of what it is; null where `external_busy` has all that will ever come of it.
    recurrence     text,
    -- Up to when its times have been worked out; null where all of them have.
    expanded_until timestamptz,
    read_at        timestamptz not null,
    constraint external_items_pkey primary key (id),
    constraint external_items_collection_id_fkey
        foreign key (collection_id) references calendar_collections (id) on delete cascade,
    constraint external_items_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint external_items_once unique (collection_id, href),
    constraint external_items_state_known check (state in (
        'busy', 'free', 'own', 'too_many', 'too_large', 'malformed', 'unknown_zone', 'unknown_rule'
    )),
    constraint external_items_recurrence_goes_on check ((recurrence is null) = (expanded_until is null))
);
comment on table external_items is 'A row is an event or a series in a calendar elsewhere, and how it was understood.';
-- The series whose times the worker works out further.
create index external_items_expanded_until_idx on external_items (expanded_until) where expanded_until is not null;

create table external_busy (
    item_id   bigint    not null,
    -- Counts the times of an item.
    sequence  integer   not null,
    doctor_id bigint    not null,
    span      tstzrange not null,
    constraint external_busy_pkey primary key (item_id, sequence),
    constraint external_busy_item_id_fkey foreign key (item_id) references external_items (id) on delete cascade,
    constraint external_busy_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint external_busy_span_is_one check (
        not isempty(span) and not lower_inf(span) and not upper_inf(span) and lower_inc(span) and not upper_inc(span)
    )
);
comment on table external_busy is 'A row is a time at which a doctor is busy by a calendar elsewhere.';
create index external_busy_span_idx on external_busy using gist (doctor_id, span);
