-- Calls of a phone agent: what each of them asked for, what was done, and what somebody at the desk has to do.

-- The numbers that a phone agent answers.
create table phone_lines (
    -- As E.164 has it.
    number      text        not null,
    clinic_id   bigint      not null,
    -- The language in which calls are answered.
    language    text        not null,
    constraint phone_lines_pkey primary key (number),
    constraint phone_lines_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint phone_lines_language_known check (language in ('en', 'id', 'de'))
);
comment on table phone_lines is 'A row is a number by which a clinic is called, and that a phone agent answers.';

create table phone_calls (
    id              bigint      generated always as identity,
    -- The name that the provider has for the call: whatever it sends twice is about this one row.
    call_id         text        not null,
    -- The number of the caller, as E.164 has it; null where it is hidden or none. It proves nothing.
    number          text,
    -- The number that was called.
    line            text        not null default '',
    -- Null where nobody knows which clinic was called.
    clinic_id       bigint,
    language        text        not null,
    -- When it began, or when it was first heard of.
    began_at        timestamptz not null,
    ended_at        timestamptz,
    -- The provider's word for how it ended.
    ended_because   text,
    -- How often the agent asked for something.
    asked           integer     not null default 0,
    -- Whether the number has called too often: nothing is done but to note a callback.
    is_limited      boolean     not null default false,
    -- The number that a code was sent to, the challenge of that code, and when it was asked for.
    code_number     text,
    challenge       text,
    code_asked_at   timestamptz,
    -- The number whose code was said in this call: it opens what is booked by that number, until the call ends.
    proved_number   text,
    -- What was said, where the clinic keeps it.
    transcript      text,
    -- Why somebody has to call back: callback, where it was asked for, or failed; null where nobody has.
    needs           text,
    needs_number    text,
    needs_note      text        not null default '',
    done_at         timestamptz,
    done_by         bigint,
    -- When the numbers and the notes were erased.
    forgotten_at    timestamptz,
    constraint phone_calls_pkey primary key (id),
    constraint phone_calls_call_id_key unique (call_id),
    constraint phone_calls_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint phone_calls_done_by_fkey foreign key (done_by) references staff (id),
    constraint phone_calls_language_known check (language in ('en', 'id', 'de')),
    constraint phone_calls_needs_known check (needs in ('callback', 'failed')),
    constraint phone_calls_done_by_somebody check (
        (done_at is null) = (done_by is null) and (done_at is null or needs is not null)
    )
);
comment on table phone_calls is
    'A row is a call that a phone agent answered: who called where, and what somebody at the desk has to do about it.';
create index phone_calls_clinic_id_idx on phone_calls (clinic_id, id);
create index phone_calls_open_idx on phone_calls (id) where needs is not null and done_at is null;
create index phone_calls_began_at_idx on phone_calls (began_at) where forgotten_at is null;

create table phone_call_steps (
    id              bigint      generated always as identity,
    phone_call_id   bigint      not null,
    -- SHA-256 of the tool and of what it was asked, in one order and spelling: the same step, however often it is sent.
    request         bytea       not null,
    tool            text        not null,
    -- The kind of the last answer; asked where there was none yet.
    outcome         text        not null default 'asked',
    -- The answer to every repetition, where something was done.
    answer          jsonb,
    -- The reference of the only appointment that was ahead, where the step named none.
    meant           text,
    -- The appointment that was changed, and the version that the change made.
    appointment_id  bigint,
    version         integer,
    asked_at        timestamptz not null,
    constraint phone_call_steps_pkey primary key (id),
    constraint phone_call_steps_request_key unique (phone_call_id, request),
    constraint phone_call_steps_phone_call_id_fkey foreign key (phone_call_id) references phone_calls (id),
    constraint phone_call_steps_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint phone_call_steps_change_is_whole check ((appointment_id is null) = (version is null))
);
comment on table phone_call_steps is
    'A row is something that a phone agent asked for in a call, with the answer where it changed something.';
create index phone_call_steps_appointment_id_idx on phone_call_steps (appointment_id) where appointment_id is not null;

create table phone_call_names (
    patient_id      bigint      not null,
    phone_call_id   bigint      not null,
    heard_at        timestamptz not null,
    checked_at      timestamptz,
    checked_by      bigint,
    constraint phone_call_names_pkey primary key (patient_id),
    constraint phone_call_names_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint phone_call_names_phone_call_id_fkey foreign key (phone_call_id) references phone_calls (id),
    constraint phone_call_names_checked_by_fkey foreign key (checked_by) references staff (id),
    constraint phone_call_names_checked_by_somebody check ((checked_at is null) = (checked_by is null))
);
comment on table phone_call_names is
    'A row is a patient whose name was only heard on the phone, and whether somebody has looked at how it is written.';
create index phone_call_names_phone_call_id_idx on phone_call_names (phone_call_id);
create index phone_call_names_unchecked_idx on phone_call_names (heard_at) where checked_at is null;
