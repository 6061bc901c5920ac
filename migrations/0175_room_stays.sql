-- Room stays: in-patients and companions take rooms for nights.

-- A kind of rooms of a clinic, of which it has a number.
create table room_types (
    id           bigint generated always as identity,
    clinic_id    bigint not null,
    name         text not null,
    -- Names in other languages, by the code of the language.
    names        jsonb not null default '{}',
    -- How many rooms there are in a night for which nobody has said another number.
    rooms        integer not null,
    -- For a room and a night.
    price_minor  bigint not null,
    currency     text not null,
    -- Whether it can be booked. What was booked stays.
    active       boolean not null default true,
    version      integer not null default 1,
    constraint room_types_pkey primary key (id),
    constraint room_types_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint room_types_name_key unique (clinic_id, name),
    constraint room_types_names_by_language check (jsonb_typeof(names) = 'object'),
    constraint room_types_rooms_sane check (rooms between 0 and 1000),
    constraint room_types_price_sane check (price_minor >= 0),
    constraint room_types_currency_is_a_code check (currency ~ '^[A-Z]{3}$')
);
comment on table room_types is 'A row is a kind of rooms of a clinic.';

-- One change of how a kind of rooms is described, or of how many there are in some nights: who, and when. Written in the
-- transaction of the change; never altered.
create table room_type_changes (
    id            bigint generated always as identity,
    room_type_id  bigint not null,
    -- The version of the description that this change made; null where it is about some nights.
    version       integer,
    what          text not null,
    -- The nights, both of which count, and how many rooms there are in each; null for as many as the kind has.
    first_night   date,
    last_night    date,
    total         integer,
    staff_id      bigint not null,
    changed_at    timestamptz not null,
    constraint room_type_changes_pkey primary key (id),
    constraint room_type_changes_version_key unique (room_type_id, version),
    constraint room_type_changes_room_type_id_fkey foreign key (room_type_id) references room_types (id),
    constraint room_type_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint room_type_changes_what_known check (what in ('added', 'changed', 'nights_changed')),
    constraint room_type_changes_of_one check (
        (what = 'nights_changed') = (version is null)
        and num_nulls(first_night, last_night) = case what when 'nights_changed' then 0 else 2 end
    )
);
comment on table room_type_changes is 'A row is a change of a kind of rooms.';

-- The inventory: how many rooms of a kind there are in a night, and how many of them are taken. The row is there from the first
-- time that somebody wants the night. Nights are dates of the clinic's calendar. Whoever takes rooms locks the rows of all
-- of the nights in the order of kind and night.
create table room_nights (
    room_type_id  bigint not null,
    night         date not null,
    total         integer not null,
    -- By stays and by holds. Counted by the trigger of stay_nights, and by nothing else.
    taken         integer not null default 0,
    -- Whether somebody has said the total for this very night: then it does not follow that of the kind.
    said          boolean not null default false,
    constraint room_nights_pkey primary key (room_type_id, night),
    constraint room_nights_room_type_id_fkey foreign key (room_type_id) references room_types (id),
    constraint room_nights_taken_within_total check (taken between 0 and total)
);
comment on table room_nights is 'A row is the inventory of a kind of rooms in a night.';

-- Rooms of one kind for the nights from arrival to departure. The night of the departure is not one of them.
create table stays (
    id            bigint generated always as identity,
    reference     text not null,
    room_type_id  bigint not null,
    patient_id    bigint not null,
    arrival       date not null,
    departure     date not null,
    rooms         integer not null,
    status        text not null,
    -- The end of a hold. It is over by comparison: no job has to run for the rooms to be free again.
    held_until    timestamptz,
    -- What the nights cost together, as each was promised.
    total_minor   bigint not null,
    currency      text not null,
    version       integer not null default 1,
    created_at    timestamptz not null,
    constraint stays_pkey primary key (id),
    constraint stays_reference_key unique (reference),
    constraint stays_room_type_id_fkey foreign key (room_type_id) references room_types (id),
    constraint stays_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint stays_status_known check (status in ('held', 'booked', 'arrived', 'left', 'cancelled', 'lapsed')),
    constraint stays_have_nights check (departure > arrival),
    constraint stays_have_rooms check (rooms > 0),
    constraint stays_price_sane check (total_minor >= 0),
    constraint stays_held_has_an_end check ((status = 'held') = (held_until is not null))
);
comment on table stays is 'A row is a stay of a patient, or the hold that it began as.';
create index stays_patient_id_idx on stays (patient_id, departure);
create index stays_room_type_id_idx on stays (room_type_id, departure);
create index stays_held_idx on stays (room_type_id, held_until) where status = 'held';

-- The rooms that a stay has in a night, with the price of each: the source of the sums. A stay that gives them back has none.
create table stay_nights (
    stay_id       bigint not null,
    night         date not null,
    room_type_id  bigint not null,
    rooms         integer not null,
    -- Of a room, as it was promised when the night was taken.
    price_minor   bigint not null,
    constraint stay_nights_pkey primary key (stay_id, night),
    constraint stay_nights_stay_id_fkey foreign key (stay_id) references stays (id),
    constraint stay_nights_night_fkey foreign key (room_type_id, night) references room_nights (room_type_id, night),
    constraint stay_nights_have_rooms check (rooms > 0)
);
comment on table stay_nights is 'A row is the rooms of a stay in a night.';
create index stay_nights_night_idx on stay_nights (room_type_id, night);

-- Whoever writes the rooms of a stay, they are counted: a night more than there are is refused, whoever asks for it.
create function stay_nights_are_counted() returns trigger
    language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        update room_nights set taken = taken + counted.rooms
        from (select room_type_id, night, sum(rooms)::integer as rooms from new_rows group by room_type_id, night) as counted
        where room_nights.room_type_id = counted.room_type_id and room_nights.night = counted.night;
    elsif tg_op = 'DELETE' then
        update room_nights set taken = taken - counted.rooms
        from (select room_type_id, night, sum(rooms)::integer as rooms from old_rows group by room_type_id, night) as counted
        where room_nights.room_type_id = counted.room_type_id and room_nights.night = counted.night;
    else
        update room_nights set taken = taken + counted.rooms
        from (select room_type_id, night, sum(rooms)::integer as rooms
              from (select room_type_id, night, rooms from new_rows
                    union all select room_type_id, night, -rooms from old_rows) as both_rows
              group by room_type_id, night) as counted
        where room_nights.room_type_id = counted.room_type_id and room_nights.night = counted.night
          and counted.rooms <> 0;
    end if;
    return null;
end
$$;

create trigger stay_nights_inserted after insert on stay_nights
    referencing new table as new_rows for each statement execute function stay_nights_are_counted();
create trigger stay_nights_updated after update on stay_nights
    referencing old table as old_rows new table as new_rows for each statement execute function stay_nights_are_counted();
create trigger stay_nights_deleted after delete on stay_nights
    referencing old table as old_rows for each statement execute function stay_nights_are_counted();

-- One change of a stay: who, when, from what to what. Written in the transaction of the change; never altered.
create table stay_changes (
    stay_id      bigint not null,
    version      integer not null,
    -- Null where it begins; the same as the new one where its nights or rooms were changed.
    from_status  text,
    to_status    text not null,
    arrival      date not null,
    departure    date not null,
    rooms        integer not null,
    actor        text not null,
    staff_id     bigint,
    -- Who did it, for a patient: the patient, or the holder of the phone.
    patient_id   bigint,
    reason       text not null default '',
    changed_at   timestamptz not null,
    constraint stay_changes_pkey primary key (stay_id, version),
    constraint stay_changes_stay_id_fkey foreign key (stay_id) references stays (id),
    constraint stay_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint stay_changes_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint stay_changes_actor_known check (actor in ('patient', 'doctor', 'admin', 'reception', 'system'))
);
comment on table stay_changes is 'A row is a change of a stay.';

-- A merge of two records moves stays, too.
alter table patient_merge_rows
    drop constraint patient_merge_rows_kind_known,
    add constraint patient_merge_rows_kind_known check (kind in (
        'appointment', 'visit', 'message', 'token', 'session', 'calendar_feed', 'acquaintance', 'relative',
        'phone_finding', 'stay'
    )) not valid;
