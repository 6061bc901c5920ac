-- The organisation itself, as people see it: its name on every page, its logo, and the pages that it writes about itself.

create table organisation (
    id       smallint not null default 1,
    -- Empty where nobody has given it one.
    name     text     not null default '',
    phone    text     not null default '',
    -- Counts changes of the row and of the pages; who changes an older one is told what happened in between (C7).
    version  integer  not null default 1,
    constraint organisation_pkey primary key (id),
    constraint organisation_is_one_row check (id = 1)
);
comment on table organisation is 'The one row is what pages say of the organisation that runs the clinics.';

insert into organisation default values;

create table organisation_pages (
    page      text not null,
    -- BCP 47.
    language  text not null,
    -- Plain text: an empty line separates paragraphs.
    body      text not null,
    constraint organisation_pages_pkey primary key (page, language),
    constraint organisation_pages_page_known check (page in ('privacy', 'imprint')),
    constraint organisation_pages_body_written check (body <> '')
);
comment on table organisation_pages is 'A row is a page that the organisation has written about itself, in one language.';

create table organisation_logo (
    id       smallint not null default 1,
    version  integer  not null default 1,
    -- A PNG that Janji has written itself; null where there is no logo.
    picture  bytea,
    width    integer,
    height   integer,
    -- The beginning of the SHA-256 of the picture, in hexadecimal digits: the name of its file.
    digest   text,
    constraint organisation_logo_pkey primary key (id),
    constraint organisation_logo_is_one_row check (id = 1),
    constraint organisation_logo_whole check (num_nulls(picture, width, height, digest) in (0, 4))
);
comment on table organisation_logo is 'The one row is the logo at the head of every page.';

insert into organisation_logo default values;

-- A change of the organisation itself is of no service, clinic or doctor.
alter table organisation_changes
    drop constraint organisation_changes_of_one,
    drop constraint organisation_changes_what_known,
    add constraint organisation_changes_of_what check (
        num_nonnulls(service_id, clinic_id, doctor_id)
            = case when what in ('identity_changed', 'logo_changed', 'logo_removed') then 0 else 1 end
    ),
    add constraint organisation_changes_what_known check (what in (
        'service_added', 'service_changed', 'clinic_added', 'clinic_changed',
        'doctor_added', 'doctor_changed', 'doctor_activated', 'doctor_deactivated', 'offers_changed',
        'identity_changed', 'logo_changed', 'logo_removed'
    ));

create unique index organisation_changes_identity_key on organisation_changes (version)
    where what = 'identity_changed';
create unique index organisation_changes_logo_key on organisation_changes (version)
    where what in ('logo_changed', 'logo_removed');
