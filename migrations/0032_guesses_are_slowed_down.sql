-- Guesses of codes and passwords are counted, and slowed down, for the account and for where they come from. Whoever
-- signs in from where they have signed in before is not slowed down by what others guess elsewhere.

-- The tries to sign in that have failed, or whose outcome is not known yet.
create table sign_in_tries (
    -- What is guessed, and by what it is counted, such as code-by-phone.
    kind      text not null,
    -- SHA-256 of a phone number, an e-mail, an address, or two of them.
    subject   bytea not null,
    count     integer not null,
    last_at   timestamptz not null,
    constraint sign_in_tries_pkey primary key (kind, subject),
    constraint sign_in_tries_count_sane check (count >= 0)
);
create index sign_in_tries_last_at_idx on sign_in_tries (last_at);

-- Where somebody has signed in from.
create table sign_in_places (
    id          bigint generated always as identity,
    patient_id  bigint,
    staff_id    bigint,
    -- SHA-256 of the account and the network address: who reads this table learns no address.
    place       bytea not null,
    seen_at     timestamptz not null,
    constraint sign_in_places_pkey primary key (id),
    constraint sign_in_places_patient_id_fkey foreign key (patient_id) references patients (id) on delete cascade,
    constraint sign_in_places_staff_id_fkey foreign key (staff_id) references staff (id) on delete cascade,
    constraint sign_in_places_somebodys check (num_nonnulls(patient_id, staff_id) = 1),
    constraint sign_in_places_place_key unique (place)
);
create index sign_in_places_seen_at_idx on sign_in_places (seen_at);
create index sign_in_places_patient_id_idx on sign_in_places (patient_id) where patient_id is not null;
create index sign_in_places_staff_id_idx on sign_in_places (staff_id) where staff_id is not null;

-- A code lives until it is used, or a newer one of its phone is, or it expires: a code that somebody else asks for does not
-- end it. So a phone may have several at a time, each with a challenge of its own.
alter table login_codes
    -- Where it was asked for: a network address.
    add column place text not null default '',
    drop constraint login_codes_pkey,
    drop constraint login_codes_challenge_key,
    add constraint login_codes_pkey primary key (challenge);
create index login_codes_phone_idx on login_codes (phone);

comment on table login_codes is 'The codes that can be signed in with (I1).';
