# What staff do for patients who call or stand in front of them.
desk = At the desk
desk-book = Book for a patient
find-anybody = Find anybody
find-anybody-hint = Name, phone or reference
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
