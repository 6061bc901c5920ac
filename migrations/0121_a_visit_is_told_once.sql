-- A visit of several appointments is told of by one message.

create table message_parts (
    appointment_id  bigint not null,
    -- What was said of it, such as confirmed, or a reminder of a start.
    said            text   not null,
    message_id      bigint not null,
    constraint message_parts_pkey primary key (appointment_id, said),
    constraint message_parts_message_id_fkey foreign key (message_id) references messages (id) on delete cascade
);
comment on table message_parts is
    'A row is something that a message says of an appointment of a visit, which no other message says.';
create index message_parts_message_id_idx on message_parts (message_id);
-- What was said before, each appointment for itself: what is left of a visit is not confirmed again.
insert into message_parts (appointment_id, said, message_id)
select messages.appointment_id,
       case when messages.kind like 'reminder%'
           then messages.kind || ':' || floor(extract(epoch from messages.starts_at))::bigint
           else messages.kind
       end,
       max(messages.id)
from messages
join appointments on appointments.id = messages.appointment_id
where appointments.visit_id is not null and messages.state in ('sent', 'delivered')
  and (messages.kind in ('requested', 'confirmed', 'cancelled', 'declined', 'expired')
       or messages.kind in ('reminder_week', 'reminder_day') and messages.starts_at is not null)
group by 1, 2;

-- A message about a visit has a link for each appointment; null where it is that of the message.
alter table message_links
    add column appointment_id bigint;
