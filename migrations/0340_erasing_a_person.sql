-- A person asks to be forgotten: what no law keeps goes at once, and the rest names nobody any more.

alter table patients
    -- Since when the record is closed for being erased. Nobody signs in as it, and nothing is booked for it.
    add column erasing_since timestamptz,
    -- When it was erased. The row stays, so that what the law keeps has somebody whose it is; its phone is a number that no
    -- country has (+999), since the servers of the release before read it as one that is there.
    add column erased_at timestamptz,
    add constraint patients_erasing_is_inactive check (erasing_since is null or not active) not valid,
    -- The second layer against resurrection: whatever the program does, what was erased stays empty.
    add constraint patients_erased_is_empty check (
        erased_at is null
        or erasing_since is not null and name = 'Erased' and email is null and locale is null and holder_id is null
           and phone ~ '^\+999[0-9]{12}$'
    ) not valid;

-- That a person is to be erased, or was. It is the ledger that is applied again to a copy that was restored from before, so
-- it has nothing of the person: the id of the record, and when the record was made, by which it is known that it is the same.
create table erasures (
    id               bigint generated always as identity,
    -- What whoever asked for it is given: by it, anybody can see what became of it, and nothing else.
    certificate      text        not null,
    patient_id       bigint      not null,
    patient_made_at  timestamptz not null,
    requested_at     timestamptz not null,
    -- Who asked: the patient or the holder of their phone, or an admin; nobody where it is applied again.
    by_patient_id    bigint,
    by_staff_id      bigint,
    erased_at        timestamptz,
    -- How many of what went, by class.
    gone             jsonb       not null default '{}',
    -- How many records of care stay, and until when.
    kept             integer     not null default 0,
    kept_until       date,
    constraint erasures_pkey primary key (id),
    constraint erasures_certificate_key unique (certificate),
    constraint erasures_of_one_record unique (patient_id, patient_made_at),
    constraint erasures_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint erasures_by_patient_id_fkey foreign key (by_patient_id) references patients (id),
    constraint erasures_by_staff_id_fkey foreign key (by_staff_id) references staff (id),
    constraint erasures_by_one check (num_nonnulls(by_patient_id, by_staff_id) <= 1),
    constraint erasures_kept_counts check (kept >= 0)
);
comment on table erasures is 'A row is a person who is to be erased, or was.';
create index erasures_open_idx on erasures (id) where erased_at is null;

-- That the clinic has to keep all of a patient for now, as in a dispute: nothing of it is erased, destroyed or anonymised.
create table legal_holds (
    patient_id   bigint      not null,
    -- For staff alone.
    why          text        not null,
    held_at      timestamptz not null,
    by_staff_id  bigint      not null,
    constraint legal_holds_pkey primary key (patient_id),
    constraint legal_holds_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint legal_holds_by_staff_id_fkey foreign key (by_staff_id) references staff (id),
    constraint legal_holds_has_a_reason check (why <> '')
);
comment on table legal_holds is 'A row is a patient of whom everything is kept for now.';

-- The role that serves adds to these tables and changes nothing. The words of those who are being erased the owner takes out.
create function erase_added_words(whose bigint[]) returns void
    language sql security definer
begin atomic
    update patient_changes set before = '', after = ''
    where patient_id in (select id from patients where id = any(whose) and erasing_since is not null);
    update stay_changes set reason = ''
    where reason <> ''
      and stay_id in (select stays.id from stays join patients on patients.id = patient_id
                      where patients.id = any(whose) and erasing_since is not null);
end;
