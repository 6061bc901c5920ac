-- Families share a phone. A phone has one *holder*, who signs in with it (I2), and may have others who are reached by it:
-- a child, a parent. Each has records of their own; the holder acts for them.

alter table patients
    -- Whose phone it is; null for the holder.
    add column holder_id bigint,
    drop constraint patients_phone_key,
    add constraint patients_id_phone_key unique (id, phone),
    -- Whoever shares a phone has the number of its holder, also after it changes.
    add constraint patients_holder_id_fkey foreign key (holder_id, phone) references patients (id, phone)
        on update cascade,
    add constraint patients_holder_is_somebody_else check (holder_id <> id),
    -- People who share a phone are told apart by their names.
    add constraint patients_sharing_have_names check (holder_id is null or name is not null);
create unique index patients_holder_phone_key on patients (phone) where holder_id is null;
create index patients_phone_idx on patients (phone);
create index patients_holder_id_idx on patients (holder_id) where holder_id is not null;
