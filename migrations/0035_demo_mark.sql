-- The demo publishes sign-in codes, so it must never run on the data of a clinic.

create table demo_marks (
    id         smallint    not null default 1,
    seeded_at  timestamptz not null,
    constraint demo_marks_pkey primary key (id),
    constraint demo_marks_is_one_row check (id = 1)
);
comment on table demo_marks is
    'The one row says that this database was filled with demo data by Janji itself. Without it, the demo does not start.';

-- Demos of earlier versions: those whose people are the demo's and nobody else is on the staff.
insert into demo_marks (seeded_at)
select now()
where exists (select from staff where email = 'admin@demo.example')
  and not exists (select from staff where email not like '%@demo.example');
