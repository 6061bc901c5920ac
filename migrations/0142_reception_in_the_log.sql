-- And so does the security log.

alter table security_notes
    drop constraint security_notes_actor_known,
    add constraint security_notes_actor_known
        check (actor in ('visitor', 'patient', 'doctor', 'admin', 'reception', 'system')) not valid;
