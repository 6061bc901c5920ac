-- Names of services and specialities in other languages. Who reads in a language without one reads the main name.

alter table services
    -- By the code of the language.
    add column names jsonb not null default '{}',
    add constraint services_names_by_language check (jsonb_typeof(names) = 'object') not valid;

alter table services validate constraint services_names_by_language;

alter table appointments
    -- A snapshot of the names of the service, as `service_name` is one of its main name; null in rows of before.
    add column service_names jsonb;

-- Whoever writes an appointment, these snapshots are taken.
create or replace function appointments_take_snapshot() returns trigger
    language plpgsql as $$
begin
    if new.service_name is null or new.cutoff_minutes is null then
        select coalesce(new.service_name, name), coalesce(new.cutoff_minutes, services.cutoff_minutes),
               coalesce(new.service_names, names)
        into new.service_name, new.cutoff_minutes, new.service_names
        from services where id = new.service_id;
    end if;
    return new;
end
$$;

-- The names of a speciality of doctors in other languages. It is known by its main name, which the doctors have.
create table speciality_names (
    speciality  text not null,
    -- By the code of the language.
    names       jsonb not null,
    version     integer not null default 1,
    changed_at  timestamptz not null,
    constraint speciality_names_pkey primary key (speciality),
    constraint speciality_names_by_language check (jsonb_typeof(names) = 'object')
);
comment on table speciality_names is 'A row has the names of a speciality of doctors in other languages.';
