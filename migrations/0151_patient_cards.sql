-- What staff keep about a patient, and who changed it.

-- What the desk notes about a patient. Staff alone read it.
create table patient_cards (
    patient_id  bigint not null,
    birthday    date,
    note        text not null default '',
    -- Counts changes by staff; who acts on an older one is told so.
    version     integer not null,
    changed_at  timestamptz not null,
    changed_by  bigint not null,
    constraint patient_cards_pkey primary key (patient_id),
    constraint patient_cards_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint patient_cards_changed_by_fkey foreign key (changed_by) references staff (id),
    constraint patient_cards_version_counts check (version >= 1)
);
comment on table patient_cards is 'A row is what staff keep about a patient: the birthday and a note for the desk.';
create index patient_cards_birthday_idx on patient_cards (birthday) where birthday is not null;

-- A change of a name, a birthday or a note. Only added to.
create table patient_changes (
    id             bigint generated always as identity,
    patient_id     bigint not null,
    changed_at     timestamptz not null,
    what           text not null,
    before         text not null default '',
    after          text not null default '',
    -- Who did it: a member of staff, or a patient.
    staff_id       bigint,
    by_patient_id  bigint,
    constraint patient_changes_pkey primary key (id),
    constraint patient_changes_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint patient_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint patient_changes_by_patient_id_fkey foreign key (by_patient_id) references patients (id),
    constraint patient_changes_what_known check (what in ('name', 'birthday', 'note')),
    constraint patient_changes_by_somebody check (num_nonnulls(staff_id, by_patient_id) = 1)
);
comment on table patient_changes is 'A row is a change of what is kept about a patient: from what to what, when and by whom.';
create index patient_changes_patient_id_idx on patient_changes (patient_id, id);
