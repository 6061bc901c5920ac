-- The waitlist: a time that comes free is offered to somebody who waits for it, in the transaction that frees it.

create table waitlist_entries (
    id              bigint      generated always as identity,
    patient_id      bigint      not null,
    service_id      bigint      not null,
    -- Null: whichever doctor has time, and at whichever clinic.
    doctor_id       bigint,
    clinic_id       bigint,
    -- Dates of the clinic that has the time.
    first_day       date        not null,
    last_day        date        not null,
    -- Monday is 1, Tuesday 2, Wednesday 4 and so on, added up.
    weekdays        smallint    not null default 127,
    -- Until noon is 1, until five in the afternoon 2, the evening 4, added up.
    day_parts       smallint    not null default 7,
    -- The shortest time before the start at which an offer is still of use.
    notice_minutes  integer     not null,
    -- The appointment that moves to the offered time; null where a new one is wished for.
    instead_of      bigint,
    -- Why the patient comes, in their words.
    reason          text        not null default '',
    state           text        not null default 'waiting',
    -- Why it is over without a booking; null as long as it is not.
    ended_because   text,
    joined_at       timestamptz not null,
    -- Who of the staff put the patient on the list; null where they did it themselves.
    joined_by       bigint,
    -- Offers that ran out without an answer.
    lapses          integer     not null default 0,
    -- When it came to its end.
    ended_at        timestamptz,
    -- Counts changes.
    version         integer     not null default 1,
    constraint waitlist_entries_pkey primary key (id),
    constraint waitlist_entries_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint waitlist_entries_service_id_fkey foreign key (service_id) references services (id),
    constraint waitlist_entries_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint waitlist_entries_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint waitlist_entries_instead_of_fkey foreign key (instead_of) references appointments (id),
    constraint waitlist_entries_joined_by_fkey foreign key (joined_by) references staff (id),
    constraint waitlist_entries_days_in_order check (first_day <= last_day),
    constraint waitlist_entries_weekdays_known check (weekdays between 1 and 127),
    constraint waitlist_entries_day_parts_known check (day_parts between 1 and 7),
    constraint waitlist_entries_notice_sane check (notice_minutes between 0 and 43200),
    constraint waitlist_entries_move_is_of_one_doctor check (
        instead_of is null or doctor_id is not null and clinic_id is not null
    ),
    constraint waitlist_entries_state_known check (state in ('waiting', 'offered', 'accepted', 'ended')),
    constraint waitlist_entries_ended_for_a_reason check (
        (state = 'ended') = (ended_because is not null) and (state in ('accepted', 'ended')) = (ended_at is not null)
    ),
    constraint waitlist_entries_ended_because_known check (
        ended_because in ('left', 'dates_over', 'appointment_over', 'unanswered')
    ),
    constraint waitlist_entries_lapses_count check (lapses >= 0),
    constraint waitlist_entries_version_counts check (version >= 1)
);
comment on table waitlist_entries is
    'A row is somebody who waits for a time of a service to come free, and what became of that.';
-- The one that is searched when a time comes free, and when the list is read: those who wait, in the order of their turn.
create index waitlist_entries_waiting_idx on waitlist_entries (service_id, joined_at, id) where state = 'waiting';
create index waitlist_entries_patient_id_idx on waitlist_entries (patient_id, id);
create index waitlist_entries_joined_at_idx on waitlist_entries (joined_at, id) where state in ('waiting', 'offered');
create index waitlist_entries_instead_of_idx on waitlist_entries (instead_of) where instead_of is not null;
-- Nobody waits twice for the same.
create unique index waitlist_entries_one_of_a_kind on waitlist_entries
    (patient_id, service_id, coalesce(doctor_id, 0), coalesce(clinic_id, 0), coalesce(instead_of, 0))
    where state in ('waiting', 'offered');

create table waitlist_offers (
    id              bigint      generated always as identity,
    entry_id        bigint      not null,
    patient_id      bigint      not null,
    doctor_id       bigint      not null,
    clinic_id       bigint      not null,
    service_id      bigint      not null,
    starts_at       timestamptz not null,
    ends_at         timestamptz not null,
    -- The hold by which the time is kept; null where nothing is kept and the patient was only told.
    appointment_id  bigint,
    -- Until when it is kept: by comparison, nothing needs to run for it.
    kept_until      timestamptz,
    state           text        not null,
    -- How the time came free: freed, opened, or by_hand.
    why             text        not null,
    -- Who of the staff chose whom it is offered to; null where the rule did.
    offered_by      bigint,
    -- Those who had waited longer for the service, and whom the time did not fit.
    passed_over     integer     not null default 0,
    offered_at      timestamptz not null,
    answered_at     timestamptz,
    -- The appointment that came of it.
    booked_id       bigint,
    constraint waitlist_offers_pkey primary key (id),
    constraint waitlist_offers_entry_id_fkey foreign key (entry_id) references waitlist_entries (id),
    constraint waitlist_offers_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint waitlist_offers_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint waitlist_offers_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint waitlist_offers_service_id_fkey foreign key (service_id) references services (id),
    constraint waitlist_offers_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint waitlist_offers_booked_id_fkey foreign key (booked_id) references appointments (id),
    constraint waitlist_offers_offered_by_fkey foreign key (offered_by) references staff (id),
    constraint waitlist_offers_appointment_id_key unique (appointment_id),
    constraint waitlist_offers_state_known check (
        state in ('offered', 'accepted', 'declined', 'lapsed', 'withdrawn', 'told')
    ),
    constraint waitlist_offers_why_known check (why in ('freed', 'opened', 'by_hand')),
    constraint waitlist_offers_by_hand_by_somebody check ((why = 'by_hand') = (offered_by is not null)),
    constraint waitlist_offers_kept_by_a_hold check (
        (state = 'told') = (appointment_id is null) and (state = 'told') = (kept_until is null)
    ),
    constraint waitlist_offers_answered check ((state in ('offered', 'told')) = (answered_at is null)),
    constraint waitlist_offers_accepted_is_booked check ((state = 'accepted') = (booked_id is not null)),
    constraint waitlist_offers_ends_after_start check (starts_at < ends_at)
);
comment on table waitlist_offers is
    'A row is a time that was offered to somebody on the waitlist, or that they were told of, and their answer.';
-- Nobody has two offers at once, and no time is offered to two.
create unique index waitlist_offers_one_of_a_person on waitlist_offers (patient_id) where state = 'offered';
create unique index waitlist_offers_one_of_a_time on waitlist_offers (doctor_id, starts_at) where state = 'offered';
create index waitlist_offers_entry_id_idx on waitlist_offers (entry_id, id);
create index waitlist_offers_patient_id_idx on waitlist_offers (patient_id, doctor_id, starts_at);
create index waitlist_offers_time_idx on waitlist_offers (doctor_id, starts_at);
create index waitlist_offers_offered_at_idx on waitlist_offers (offered_at, id);
create index waitlist_offers_booked_id_idx on waitlist_offers (booked_id) where booked_id is not null;

-- What a message about an offer speaks of. No reference, as with the other ids of a message.
alter table messages
    add column offer_id bigint;

-- A link may lead to an offer.
alter table message_links
    drop constraint message_links_purpose_known,
    add constraint message_links_purpose_known
        check (purpose in ('appointment', 'unsubscribe', 'email', 'offer')) not valid;

-- What somebody waits for moves with their record.
alter table patient_merge_rows
    drop constraint patient_merge_rows_kind_known,
    add constraint patient_merge_rows_kind_known check (kind in (
        'appointment', 'visit', 'message', 'token', 'session', 'calendar_feed', 'acquaintance', 'relative',
        'phone_finding', 'waitlist_entry'
    )) not valid;
