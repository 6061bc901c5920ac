-- Every row of before keeps these constraints; there are few.
alter table doctors
    validate constraint doctors_are_staff_but_nobody,
    validate constraint doctors_nobody_rests;

-- This reads every appointment, and keeps nobody from booking meanwhile.
alter table appointments
    validate constraint appointments_with_nobody_are_seats;
