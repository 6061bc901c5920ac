-- A phone number that was given up is given to somebody else, who can then receive its codes. A clinic may say for how long its
-- own word counts that a number is a patient's: after that, a code alone no longer opens what is older.

alter table organisation
    -- The days for which a confirmation counts; 0 where a code opens everything.
    add column number_days integer not null default 0,
    add constraint organisation_number_days_sane check (number_days between 0 and 366);

create table number_confirmations (
    -- The holder of the number.
    patient_id    bigint      not null,
    -- The number that was confirmed: another one of the same holder is not.
    phone         text        not null,
    confirmed_at  timestamptz not null,
    -- Who of the clinic made sure.
    staff_id      bigint      not null,
    constraint number_confirmations_pkey primary key (patient_id),
    constraint number_confirmations_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint number_confirmations_staff_id_fkey foreign key (staff_id) references staff (id)
);
comment on table number_confirmations is
    'A row is the last time that the clinic made sure that a phone number is still its holder''s.';

-- Since when what was booked is open to whoever has the phone of a patient; null where all of it is.
create function opened_since(of_patient bigint) returns timestamptz
    language sql stable
    return (
        select now() - make_interval(days => number_days)
        from organisation
        join patients on patients.id = of_patient
        left join number_confirmations on number_confirmations.patient_id = coalesce(holder_id, patients.id)
            and number_confirmations.phone = patients.phone
        where number_days > 0
          and (confirmed_at is null or confirmed_at < now() - make_interval(days => number_days))
    );
