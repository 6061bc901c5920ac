-- What somebody agrees to, and may take back. What is needed to treat them is not among it: that asks for no consent.

-- That somebody agreed to something, or took it back: in which version of its text, when, and where they said it. Rows are
-- added; the last one of a purpose is what holds.
create table consents (
    id             bigint generated always as identity,
    patient_id     bigint      not null,
    purpose        text        not null,
    -- Of the text that they were shown, which the program has.
    version        integer     not null,
    is_given       boolean     not null,
    said_at        timestamptz not null,
    -- Where: on a page, by a program of theirs, or at the desk, which says it for them.
    channel        text        not null,
    by_patient_id  bigint,
    by_staff_id    bigint,
    constraint consents_pkey primary key (id),
    constraint consents_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint consents_by_patient_id_fkey foreign key (by_patient_id) references patients (id),
    constraint consents_by_staff_id_fkey foreign key (by_staff_id) references staff (id),
    constraint consents_purpose_known check (purpose in ('reminders_sms', 'reminders_whatsapp', 'reminders_email', 'waitlist')),
    constraint consents_channel_known check (channel in ('page', 'api', 'desk')),
    constraint consents_version_counts check (version >= 1),
    constraint consents_by_one check (num_nonnulls(by_patient_id, by_staff_id) = 1),
    constraint consents_at_the_desk_by_staff check ((channel = 'desk') = (by_staff_id is not null))
);
comment on table consents is 'A row is something that somebody agreed to, or took back.';
create index consents_patient_id_purpose_idx on consents (patient_id, purpose, id);

-- Whether nobody has taken back that something may be done: who has said nothing is told what every patient is told, as before.
create function consents_to(whose bigint, what text) returns boolean
    language sql stable
    return coalesce(
        (select is_given from consents where patient_id = whose and purpose = what order by id desc limit 1),
        true);
