-- Consultations: a patient and a doctor write to each other, or see each other by video.

-- The thread of a text consultation. It is made with its first message. Its row is locked by whoever writes: so both have
-- one order of messages.
create table consultations (
    appointment_id   bigint not null,
    -- The place of the newest message.
    last_position    integer not null,
    -- The newest message of each of the two; 0 where they have not written.
    patient_last     integer not null default 0,
    doctor_last      integer not null default 0,
    -- The newest message that each of the two has been shown.
    patient_read_to  integer not null default 0,
    doctor_read_to   integer not null default 0,
    constraint consultations_pkey primary key (appointment_id),
    constraint consultations_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint consultations_last_is_somebodys check (last_position = greatest(patient_last, doctor_last)),
    constraint consultations_read_what_is_there check (
        patient_read_to between 0 and last_position and doctor_read_to between 0 and last_position
    )
);
comment on table consultations is 'A row is the thread of a text consultation, and who of the two has seen how much of it.';
-- What waits for a doctor: little, whatever has been written before.
create index consultations_doctor_unread_idx on consultations (appointment_id) where patient_last > doctor_read_to;

-- What one of the two wrote. Never altered, and kept with the record.
create table consultation_messages (
    appointment_id  bigint not null,
    -- Counts from 1, without gaps: the order for both.
    position        integer not null,
    -- For whom it speaks.
    author          text not null,
    -- Who typed it, for a patient: the patient, or the holder of the phone.
    patient_id      bigint,
    body            text not null,
    sent_at         timestamptz not null,
    constraint consultation_messages_pkey primary key (appointment_id, position),
    constraint consultation_messages_appointment_id_fkey foreign key (appointment_id)
        references consultations (appointment_id),
    constraint consultation_messages_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint consultation_messages_author_known check (author in ('patient', 'doctor')),
    constraint consultation_messages_typed_by_somebody check ((author = 'patient') = (patient_id is not null)),
    constraint consultation_messages_position_counts check (position >= 1),
    constraint consultation_messages_say_something check (body <> '')
);
comment on table consultation_messages is 'A row is one message of a text consultation.';
create index consultation_messages_patient_id_idx on consultation_messages (patient_id) where patient_id is not null;

-- Where the two of a video consultation meet. Whoever knows the room can enter it: it is made at random when it is first
-- needed, and forgotten some days after the appointment.
create table video_rooms (
    appointment_id  bigint not null,
    room            text not null,
    made_at         timestamptz not null,
    constraint video_rooms_pkey primary key (appointment_id),
    constraint video_rooms_room_key unique (room),
    constraint video_rooms_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint video_rooms_room_unguessable check (length(room) >= 32)
);
comment on table video_rooms is 'A row is the secret room of a video consultation.';
