-- The role that serves may be a lesser one than the role that owns the tables. It adds security notes and reads them; of the
-- old ones it is rid by a function of the owner, which takes no others.

create function forget_old_security_notes() returns void
    language sql security definer
begin atomic
    delete from security_notes where noted_at <= now() - interval '365 days';
end;
comment on function forget_old_security_notes() is
    'Deletes the security notes that have been kept for a year, for roles that may not delete any.';
revoke execute on function forget_old_security_notes() from public;
