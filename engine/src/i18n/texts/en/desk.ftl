# What staff do for patients who call or stand in front of them.
desk = At the desk
desk-book = Book for a patient
find-anybody = Find anybody
find-anybody-hint = Name, phone, reference or birthday
find-anybody-do = Find
find-anybody-found = Found:
found-title = Found
found-nobody = Nobody and nothing fits. Part of a name, a phone number or a reference will do.
found-more = There are more. Say a little more of the name or the number.
desk-book-text = Find the patient by phone number. Add a name if they are new.
desk-phone = Phone number of the patient
desk-phone-hint = Such as 0812 3456 7890, or with a country code.
desk-name = Name of the patient
desk-name-hint = Only for new patients, and where several share a phone. A saved name does not change.
error-patient_name-missing = Enter the patient’s name.
error-patient_name-malformed = Enter the patient’s name.
error-patient_phone-missing = Enter the patient’s phone number.
desk-somebody-else = Somebody else
desk-offer = Doctor and service
desk-offer-choose = Choose
desk-show-times = Show the times
desk-check = Check and book for the patient
desk-reason-hint = In the words of the patient. It may stay empty.
desk-walk-in = Walk-in
desk-walk-in-text = Books the first time that is free today.
desk-walk-in-do = Book the next free time
desk-nothing-today = { $doctor } has no free time left today.
desk-conflict-overlap = The patient already has an appointment at { $time } that day.

# Giving a time that the doctor does not have.
overbooked = Overbooked
overbook-title = Overbook
overbook-text = For urgent cases: books a time that is taken or outside working hours. The other appointment stays.
overbook-time = Time
overbook-time-hint = Clinic time, such as 09:20.
overbook-reason = Why it cannot wait
overbook-reason-hint = For the history of the appointment. The patient does not see it.
overbook-do = Overbook this time
overbook-out-of-range = This time has passed, or is too far ahead.
event-overbooked = Overbooked
desk-too-many-of-service = The patient has as many appointments of this kind ahead as one person can have.
desk-too-many-in-week = The patient has as many appointments of this kind in that week as one person can have.
desk-book-over-limit = Book beyond the limit
desk-overbook-over-limit = Overbook beyond the limit
event-over-limit = Beyond the limit of the service
event-booked-for-patient = Booked for the patient

# Taking hours out of a day.
block-title = Block time
block-text = From now on, nobody can book these hours. Appointments that are in them stay.
block-choose = Choose
block-of = Time of { $doctor }
block-from = From
block-until = Until
block-do = Block this time
block-saved = Blocked: { $day }, { $from } to { $until }
block-kept = { $count ->
    [one] One appointment is in these hours and stays booked:
   *[other] { $count } appointments are in these hours and stay booked:
}
block-stale-text = Nothing was blocked, and what you typed is still in the form. Check it, and block the time again.

# Who has read what of a patient.
reads-title = Who has read this patient’s data
read-patient = opened the patient
read-phone = typed the phone number
read-appointment = opened an appointment
read-history = opened visits or prescriptions
read-list = had the patient in a list

# A patient, for admins.
patient-given-title = Doctors with access
patient-given-text = A doctor may book and read a patient who has booked them. Whom else you give the patient may do so, too, until you take them back. A doctor who types the phone number may for a day.
patient-given-to-nobody = Nobody but the doctors whom this patient has booked.
patient-given-by = Given by { $name }, { $since } (UTC).
patient-phone-typed = Typed the phone number, { $since } (UTC).
patient-give-to = Give the patient to
patient-give = Give
patient-take-back = Take back
patient-saved = Saved.
patient-open = Access to this patient

# The day of a clinic and the week of a doctor.
sheet-day = Day calendar
sheet-elsewhere = busy at another clinic
sheet-week = Week
sheet-week-of = { $doctor }, { $first } – { $last }, { $clinic }
sheet-nothing = Nothing is planned or booked
sheet-now = Now
sheet-filter = Clinic and day
sheet-date = Date
sheet-show = Show
sheet-changed = The calendar has been updated.
sheet-drag = Let it fall on a free time. You are asked before anything is moved. Escape ends it.
sheet-csv = Day as a table (CSV)
sheet-week-csv = Week as a table (CSV)
sheet-print = The calendar can be printed.
sheet-free = free
sheet-buffer = Buffer
sheet-break = Break
sheet-absence = Absent
sheet-closure = Closed
sheet-held = being booked
sheet-caption = Times in rows. Arrow keys move between appointments and free times.
sheet-expected = Here and expected
sheet-more = { $count } more are in the calendar below.

# Records of patients.
error-records-overlap = Both have an appointment at the same time. Move or cancel one of the two first.
error-record-merged = This record is part of another one by now.

# The card of a patient.
card-title = Patient
card-email = E-mail
card-email-unconfirmed = not confirmed yet
card-language = Language
card-holder = Phone of
card-sharing = Shares the phone
card-name = Name
card-birthday = Birthday
card-note = Note for the desk
card-note-hint = Staff alone read it. The patient does not.
card-save = Save
card-stale = Somebody changed this patient meanwhile
card-stale-text = What you typed is still in the form. Look at the changes below, and save again.
card-coming = Coming appointments
card-nothing-coming = Nothing is booked.
card-book = Book for this patient
card-past = Past appointments
card-missed = { $count ->
    [0] Never missed one
    [one] Did not come once
   *[other] Did not come { $count } times
}
card-arrived = Arrived at { $time }
card-changes = What was changed
card-changed-name = Name
card-changed-birthday = Birthday
card-changed-note = Note
card-changed-by-patient = the patient
error-birthday-malformed = Write the birthday as 1984-05-17. It cannot lie ahead.
error-desk_note-too-long = The note is too long.

# Two records of one person.
merge-section = Two records of one person
merge-begin = This patient has another record
merge-choose-title = Which is the other record of { $patient }?
merge-choose-text = Choose the record that becomes a part of this one. Nothing is done before you have compared the two.
merge-alike = The same name or phone
merge-search = Search
merge-search-label = Name or phone number
merge-nobody = Nobody is found.
merge-title = Make two records one
merge-text = Compare them first. The record that goes is used no more; what belongs to it moves to the one that stays.
merge-other = Another record
merge-swap = Let the other one stay
merge-stays = Stays
merge-goes = Goes
merge-nothing = nothing
merge-last = Last: { $when }
merge-since = Known since { $when }
merge-keep = What is kept
merge-moves = Appointments with what belongs to them, visits, messages and who shares the phone move. Where both have one phone number, sessions and tokens move, too. Where they have two, those of the record that goes end, and those of both where its number is kept. Notes of both are kept. It can be taken back for a day.
merge-do = Make them one record
merge-done = { $count ->
    [0] The two are one record now.
    [one] The two are one record now. One appointment moved.
   *[other] The two are one record now. { $count } appointments moved.
}
merge-done-text = Below, it can be taken back for a day.
merge-was-made = { $name } became a part of this record: { $who }, { $when }
merge-was-undone = { $name } had become a part of this record, and is not any more: { $who }, { $when }
merge-undo = Take it back
merge-undone = { $count ->
    [0] They are two records again.
    [one] They are two records again. One appointment moved back.
   *[other] They are two records again. { $count } appointments moved back.
}
merge-undone-since = { $count ->
    [one] One appointment was made since, and stays here. Move it by hand if it is the other one’s.
   *[other] { $count } appointments were made since, and stay here. Move them by hand if they are the other one’s.
}
merge-undone-phone = Somebody else has the phone number of the other record by now, so that it shares the one of this record.
phones-merge = Compare the two records
