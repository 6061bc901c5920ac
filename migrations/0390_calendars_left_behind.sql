-- A calendar of a server or a user that an account had before is not asked for any more.
alter table calendar_collections add column is_left boolean not null default false;
