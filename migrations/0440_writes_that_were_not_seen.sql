-- A server whose tokens are names of what is there gives an old one again when what we wrote is taken back. So what it says of an
-- old token is not believed before it has shown what we wrote.
alter table calendar_collections add column has_unseen_writes boolean not null default false;
