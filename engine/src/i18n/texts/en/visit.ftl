# Visits of several appointments.
error-segments-missing = A visit has at least two appointments.
error-segments-too-long = A visit has at most eight appointments.
error-segments-malformed = Two of these appointments overlap.
integrity-visit-broken = A visit has two or more appointments, numbered from 1, all of its patient.
part-of-visit = Part of a visit
part-of-visit-text = You booked these together. Each can be changed or cancelled on its own.
cancel-visit = Cancel the whole visit
cancel-visit-intro = Or cancel everything that is left of this visit at once:
add-part = Add another appointment
add-part-text = Need another appointment the same day, such as a blood test? Book both together, or neither.
add-part-choose = Your time is kept. Choose the appointment that goes with it.
to-check = Back to what you have chosen
check-visit-text = These are booked together: all of them, or none.
book-visit = Book these { $count } appointments
drop-part = Leave this one out
part-ended = This time is no longer held for you. Leave it out, and choose another one.
