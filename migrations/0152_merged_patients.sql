-- Two records of one person become one, and that can be taken back for a day.

alter table patients
    -- The record of the same person that this one has become a part of.
    add column merged_into bigint,
    add constraint patients_merged_into_fkey foreign key (merged_into) references patients (id) not valid,
    add constraint patients_merged_into_another check (merged_into <> id) not valid,
    -- Nobody signs in as a record that has gone, and nothing is booked for it.
    add constraint patients_merged_is_inactive check (merged_into is null or not active) not valid;

-- That two records became one.
create table patient_merges (
    id         bigint generated always as identity,
    -- The record that went.
    from_id    bigint not null,
    -- The record that stays.
    into_id    bigint not null,
    merged_at  timestamptz not null,
    merged_by  bigint not null,
    undone_at  timestamptz,
    undone_by  bigint,
    -- Both records as they were, and the one that stays as the merge left it.
    before     jsonb not null,
    constraint patient_merges_pkey primary key (id),
    constraint patient_merges_from_id_fkey foreign key (from_id) references patients (id),
    constraint patient_merges_into_id_fkey foreign key (into_id) references patients (id),
    constraint patient_merges_merged_by_fkey foreign key (merged_by) references staff (id),
    constraint patient_merges_undone_by_fkey foreign key (undone_by) references staff (id),
    constraint patient_merges_of_two check (from_id <> into_id),
    constraint patient_merges_undone_by_somebody check (num_nulls(undone_at, undone_by) in (0, 2))
);
comment on table patient_merges is 'A row is a merge of two records of one person.';
create index patient_merges_into_id_idx on patient_merges (into_id, id);
create index patient_merges_from_id_idx on patient_merges (from_id, id);

-- The ledger of a merge: every row that moved, or that gave way to one that was there.
create table patient_merge_rows (
    merge_id  bigint not null,
    kind      text not null,
    -- The id of the row that moved, in its table.
    row_id    text not null,
    -- The row itself, where it gave way.
    detail    jsonb,
    constraint patient_merge_rows_pkey primary key (merge_id, kind, row_id),
    constraint patient_merge_rows_merge_id_fkey foreign key (merge_id) references patient_merges (id),
    constraint patient_merge_rows_kind_known check (kind in (
        'appointment', 'visit', 'message', 'token', 'session', 'calendar_feed', 'acquaintance', 'relative',
        'phone_finding'
    ))
);
comment on table patient_merge_rows is 'A row is something that moved from the record that went to the one that stays.';
