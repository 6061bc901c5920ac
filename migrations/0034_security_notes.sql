-- What happened to the doors: who signed in, who was refused, who opened what.

create table security_notes (
    id              bigint      generated always as identity,
    noted_at        timestamptz not null default now(),
    -- What happened, such as sign_in_failed; the program has the list.
    kind            text        not null,
    -- The role of who did it: visitor, patient, doctor, admin or system.
    actor           text        not null,
    -- Who did it, where that is known. None of the ids is a reference: a note outlives what it names.
    by_staff_id     bigint,
    by_patient_id   bigint,
    -- Whom it was about.
    staff_id        bigint,
    patient_id      bigint,
    -- One word about it, such as the name of a limit or a route. Never a secret, a name or a phone number.
    about           text        not null default '',
    -- The network address that it came from; empty where there is none.
    address         text        not null default '',
    constraint security_notes_pkey primary key (id),
    constraint security_notes_kind_there check (kind <> '' and length(kind) <= 40),
    constraint security_notes_actor_known check (actor in ('visitor', 'patient', 'doctor', 'admin', 'system')),
    constraint security_notes_about_short check (length(about) <= 120),
    constraint security_notes_address_short check (length(address) <= 60)
);
comment on table security_notes is
    'A row is something that happened to the security of the clinic. Rows are added, and deleted when they are old; never changed.';
create index security_notes_kind_idx on security_notes (kind, id);
create index security_notes_noted_at_idx on security_notes (noted_at);

-- A year is kept, whoever asks. The program deletes what is older.
create function security_notes_stay() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.noted_at <= now() - interval '365 days' then
        return old;
    end if;
    raise exception 'security notes are neither changed nor deleted before they are a year old'
        using errcode = 'insufficient_privilege';
end
$$;
create trigger security_notes_stay before update or delete on security_notes
    for each row execute function security_notes_stay();
create trigger security_notes_stay_all before truncate on security_notes
    for each statement execute function security_notes_stay();
