-- What comes of a visit.

-- What a doctor prescribed at an appointment; whose it is, and by whom, the appointment says. Never
-- altered: a pharmacy may have read it.
create table prescriptions (
    id              bigint generated always as identity,
    appointment_id  bigint not null,
    -- For the patient, about all of it.
    note            text not null default '',
    written_at      timestamptz not null,
    constraint prescriptions_pkey primary key (id),
    -- The second layer of A4: at most one, whatever the program does.
    constraint prescriptions_appointment_id_key unique (appointment_id),
    constraint prescriptions_appointment_id_fkey foreign key (appointment_id) references appointments (id)
);

-- One medication of a prescription, in the order in which the doctor wrote them. The words are the
-- doctor's own.
create table medications (
    prescription_id  bigint not null,
    -- Counts from 1.
    position         smallint not null,
    name             text not null,
    -- Such as 500 mg, three times a day, for 7 days.
    dose             text not null,
    frequency        text not null,
    duration         text not null,
    note             text not null default '',
    constraint medications_pkey primary key (prescription_id, position),
    constraint medications_prescription_id_fkey foreign key (prescription_id) references prescriptions (id),
    constraint medications_position_counts check (position >= 1),
    constraint medications_complete check (name <> '' and dose <> '' and frequency <> '' and duration <> '')
);

-- What a patient thinks of a visit that is over. Never altered. A doctor's average is computed from
-- these rows whenever it is shown, so it cannot be wrong, and no rating waits for another one.
create table ratings (
    id              bigint generated always as identity,
    appointment_id  bigint not null,
    -- The appointment's, once more: what an average is read by.
    doctor_id       bigint not null,
    score           smallint not null,
    -- For the doctor.
    comment         text not null default '',
    rated_at        timestamptz not null,
    constraint ratings_pkey primary key (id),
    -- The second layer of A5.
    constraint ratings_appointment_id_key unique (appointment_id),
    constraint ratings_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint ratings_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint ratings_score_one_to_five check (score between 1 and 5)
);
-- All that an average needs, without the rows.
create index ratings_doctor_id_idx on ratings (doctor_id) include (score);
