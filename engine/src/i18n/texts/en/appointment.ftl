# A patient's appointments.
mine-empty-title = No appointments yet
mine-empty-text = When you book a time, it appears here.
coming = Coming
past = Past
nothing-coming = Nothing is coming up.
book-another = Book another
reschedule = Change the time
cancel = Cancel
done-requested = Your request is with the doctor
done-confirmed = Your appointment is confirmed
done-answer = { $doctor } answers by { $until }. Until then the time is kept for you.
done-in-person = Come to the clinic five minutes early, and bring your health card.
done-video = Open this page at the time of your appointment, in a quiet place.
done-text = The doctor writes to you at the time of your appointment.
done-call = If something comes up, change the time or cancel here, or call { $phone }.
what-happens-next = What happens next
your-reference = Your reference
view-appointment = View the appointment
moved = Your appointment has been moved.
cancelled-now = Your appointment is cancelled. The time is free for somebody else.
visit-cancelled-now = Your visit is cancelled: all that was left of it.
book-again = Book again
too-late = It is too late to change this online. Please call { $phone }.
cancel-title = Cancel this appointment?
cancel-intro = The time will be free for somebody else at once.
cancel-reason = Would you tell us why?
cancel-now = Cancel the appointment
keep-it = Keep it
reschedule-title = Choose another time
reschedule-intro = You have { $when }. You keep it until you choose another one.
move-check-title = Move this appointment?
move-from = Now
move-to = Then
move-check-text = Until you move it, you keep the time that you have.
move-do = Move it to this time
print = Print
clinic-says = The clinic wrote

# Where an appointment is in its life, for patients and staff alike.
status-held = Held
status-pending = Waiting for the doctor
status-confirmed = Confirmed
status-in-progress = In progress
status-completed = Completed
status-cancelled = Cancelled
status-rejected = Declined
status-expired = Expired
status-no-show = Did not come

# Actions on an appointment.
do-confirmed = Confirm
do-in-progress = Start
do-completed = Complete
do-rejected = Decline
do-cancelled = Cancel
do-no-show = Did not come
more = More
open = Open

# Notices after an action, one line each.
history = History
event-held = Time chosen
event-pending = Requested
event-booked = Booked
event-confirmed = Confirmed
event-in-progress = Started
event-completed = Completed
event-cancelled = Cancelled
event-rejected = Declined
event-expired = Expired without an answer
event-hold-expired = Held time ran out
event-let-go = Let go for another time
event-no-show = Did not come
event-moved = Moved
event-from-to = from { $from } to { $to }
event-by = by { $who }
event-by-for-doctor = by { $who } on behalf of the doctor

# Somebody else was faster. "who" is the subject of the sentence, with its auxiliary verb where the language has one.
happened-you = You
happened-patient = The patient
happened-clinic = The clinic
happened-named = { $name }
happened-at = at { $time }
happened-on = on { $date } at { $time }
happened-held = { $who } chose this time { $when }
happened-pending = { $who } requested this appointment { $when }
happened-booked = { $who } booked this appointment { $when }
happened-moved = { $who } moved this appointment { $when }
happened-confirmed = { $who } confirmed this appointment { $when }
happened-in-progress = { $who } started this appointment { $when }
happened-completed = { $who } completed this appointment { $when }
happened-cancelled = { $who } cancelled this appointment { $when }
happened-rejected = { $who } declined this appointment { $when }
happened-expired = This request expired { $when } because nobody had answered it
happened-hold-expired = The time that was held ran out { $when }
happened-no-show = { $who } noted { $when } that the patient did not come
happened-plain = { $what }.
happened-meanwhile = { $what }, while you were looking at it.
happened-too-late = It is too late to change this appointment online.
happened-not-started = This appointment has not started yet, so nobody has missed it.
happened-not-possible = This appointment cannot be changed like that now.
happened-call = Please call { $clinic }:
happened-not-made = Your change was not made. It is now:
happened-already = It already is what you wanted. It is now:
happened-try-again = Try again: { $step }
happened-view = View the appointment
happened-leave = Leave it as it is

# An appointment, for staff.
no-patient-name = Patient without a name
facts = Facts
fact-patient = Patient
fact-reference = Reference
fact-answer-until = Answer until
visit-at-clinic = at the clinic
visit-by-video = by video
visit-by-text = in writing
clinic-time = Clinic time ({ $zone })
changed-to = { $patient }, { $time }: { $status }
change-title = Change the status
change-to = New status
change-do = Change the status
change-none = Nothing is left to change here.
change-reason = Reason
change-reason-hint = The patient can read it.
change-reason-hint-any = Needed for declining and cancelling. The patient can read it.
change-for-doctor = On behalf of { $doctor }, and recorded as such
change-frees = { $time } will be free at once
reject-title = Decline this request
reject-text = The time will be free for somebody else at once.
cancel-visit-title = Cancel this appointment
cancel-visit-text = The time will be free for somebody else at once.

# The doctor's day.
today = Today
today-days = Day
today-summary = { $appointments ->
    [0] No appointments
    [one] One appointment
   *[other] { $appointments } appointments
}, { $requests ->
    [0] nothing waits for your answer
    [one] one request waits for your answer
   *[other] { $requests } requests wait for your answer
}
today-many-zones = Every time is the clinic's own, in the time zone that is named beside it.
today-waiting = Waiting for your answer
today-day = The day
today-empty-title = Nothing planned today
today-empty-title-other = Nothing planned on this day
today-next = Your next appointment is on { $time } with { $patient }.
today-no-next = No other appointments are coming up.
today-go-there = Go to that day
left-minutes = { $minutes } min left
left-hours-minutes = { $hours } h { $minutes } min left
left-hours = { $hours } h left
left-days = { $days } days left
waited-minutes = waiting for { $minutes } min
waited-hours = waiting for { $hours } h
waited-days = { $days ->
    [one] waiting for one day
   *[other] waiting for { $days } days
}
search-label = Patient or reference
search-title = Find an appointment
search-found = Found
search-empty-title = No appointment found
search-empty-text = Try part of a name, a phone number or a reference such as K7QM-4D2P.

# The board.
board-title = Appointments
board-intro = All appointments of all clinics, at the time of each clinic.
board-all = All
board-status = Status
board-filter = Filter the appointments
board-doctor = Doctor
board-all-doctors = All doctors
board-clinic = Clinic
board-zone = Time zone
board-all-clinics = All clinics
board-from = From
board-until = Until
board-do-filter = Filter
board-empty-title = No appointment matches
board-empty-text = Choose other dates or fewer filters.
board-clear = Show all appointments
board-caption = { $count ->
    [one] One appointment
   *[other] { $count } appointments
}
board-more-than = { $count }+
board-caption-more = More than { $count } appointments
board-caption-many = So many patients match that their appointments are not counted. Type more of the name.
pages = Pages
pages-earlier = Earlier
pages-later = Later
pages-newest = Newest
pages-older = Older
column-time = Time
column-patient = Patient
column-doctor = Doctor
column-visit = Visit
column-status = Status
column-actions = Actions

# The list of doctors.
doctors-title = Doctors
doctors-intro = Patients cannot book an inactive doctor. Appointments that were made stay as they are.
doctors-empty-title = No doctors yet
doctors-empty-text = As soon as there is a doctor, you can see here who can be booked.
doctors-stale-title = Somebody changed this doctor while you were looking at the list.
doctors-stale-text = Your change was not made. The list below is how it is now.
doctor-active = Active
doctor-inactive = Not active
doctor-activate = Activate
doctor-deactivate = Deactivate
doctor-activated = { $doctor } can be booked again.
doctor-deactivated = { $doctor } can no longer be booked.
doctor-keeps = { $count ->
    [one] One coming appointment stays as it is.
   *[other] { $count } coming appointments stay as they are.
}
column-name = Name
column-email = E-mail
column-clinics = Clinics
column-coming = Coming appointments
column-bookable = Bookings

# Requests that were held back.
overdue-title = Requests that are held back
overdue-intro = After an outage, or in a restored copy, very many requests may be due at once. Then none expires until you have decided. Meanwhile doctors can answer them as usual.
overdue-none-title = Nothing is held back
overdue-none-text = Requests expire as usual when nobody answers them in time.
overdue-held = { $count ->
    [one] One request is held back
   *[other] { $count } requests are held back
}
overdue-since = Since { $moment } UTC.
overdue-decide = Decide what becomes of them
overdue-wait-title = Give the doctors time
overdue-wait-text = The requests wait for an answer for so long from now, and at most until their appointment would begin.
overdue-wait-hours = Time to answer
overdue-hours = { $count ->
    [one] One hour
   *[other] { $count } hours
}
overdue-wait-do = Give this time
overdue-expire-title = Let them expire
overdue-expire-text = The requests expire within the hour, their times are free again, and their patients are told. This cannot be undone.
overdue-expire-do = Let them expire
overdue-done-expire = The requests expire within the hour.
overdue-done-wait = The doctors have this time to answer.
overdue-done-late = Nothing was held back any more. Somebody else may have decided.

# A patient is here.
arrive-do = Arrived
arrive-self = I am here
arrival-waiting = Here, { $minutes } min
arrival-late = Late
arrival-said = { $patient } is here, for { $time }.
arrival-you = We know that you are here. Please take a seat.
arrival-take-back = Not here after all
event-arrived = Arrived
event-arrival-taken-back = Arrival taken back
happened-arrived = { $who } said { $when } that the patient is here
happened-arrival-taken-back = { $who } took back { $when } that the patient is here

staff-move = Move
move-elsewhere-title = That time is with another doctor or at another clinic
move-elsewhere-text = An appointment is moved to another time of the same doctor at the same clinic. To change that, book the other time for the patient, and cancel this appointment.
move-elsewhere-book = Book that time
staff-moved = { $patient } is moved to { $when }.
# Several requests at once.
several-confirm = Confirm the ticked requests
several-hint = Tick the requests in the list above.
several-choose = Choose the request of { $patient }
several-confirmed = { $count ->
    [0] No request was confirmed.
    [one] One request is confirmed.
   *[other] { $count } requests are confirmed.
}
several-refused = { $count ->
    [one] One could not be confirmed:
   *[other] { $count } could not be confirmed:
}
error-chosen-missing = Tick at least one request.
error-chosen-too-many = Confirm at most 100 requests at once.

# What doctors note for each other.
clinical-note = Clinical note
clinical-notes = Clinical notes
clinical-note-label = Note
clinical-note-hint = Only doctors who have to do with the patient can read it: not the patient, not the desk, no admin. Every version is kept.
clinical-note-save = Save the note
clinical-note-saved = The note is saved.
clinical-note-versions = { $count ->
    [one] One version
   *[other] { $count } versions
}
clinical-note-taken-out = Taken out
clinical-note-meanwhile = { $who } changed this note while you were looking at it:
clinical-note-yours = What you typed is below and is not saved. If you save it, it takes the place of this; both versions are kept.
error-clinical_note-too-long = Write a shorter note, of at most 5000 characters.
today-here = Here now, who has waited longest first
