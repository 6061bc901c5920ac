# Working plans, exceptions, absences and closures.
error-hours-malformed = Write times such as 9, 0900, 9:00 AM or 17:30, the end after the start, and hours that do not overlap.
error-hours-past-midnight = Hours end on the day on which they begin. For a night, write the hours until 24:00 on this day, and the rest from 00:00 on the next day.
error-hours-too-long = These are too many hours.
error-day-malformed = Write the date as 2026-11-24.
error-day-missing = Choose a day.
message-day-cancelled = { $clinic }: { $doctor } cannot see you on { $date } ({ $times }; { $zone }). { $count ->
    [one] Your appointment is
   *[other] Your appointments are
} cancelled. Reason: { $reason } Please choose another time or call { $phone }.

nav-plan = Working plan
plan-title = Working plan of { $doctor }
plan-nowhere = This doctor offers nothing anywhere yet, so there is nothing to plan.
plan-places = Clinics
plan-attention = Needs attention
plan-attention-text = These appointments are booked, but they are outside your working hours now. Move or cancel them, or carry them out as agreed.
plan-more = and { $count } more
plan-coming = The next two weeks
plan-day = Date
plan-time = Time
plan-service = Service
plan-hours = Hours
plan-except = Changes
plan-no-hours = No hours
plan-exception = Exception
plan-break = Break
plan-breaks = Breaks
plan-work = Work
plan-away = away
plan-closed = closed
plan-week = Weekly hours
plan-week-text = One row for the same hours on several days. A break is taken out of the hours around it and does not move the times. With dates, a row holds only from or until then.
plan-row = Row { $number }
plan-from = From
plan-until = Until
plan-kind = Work or break
plan-valid-from = Valid from
plan-valid-until = Valid until
plan-preview = Preview
plan-save-week = Save the weekly hours
plan-more-rows = More rows
plan-preview-title = Preview
plan-preview-text = Nothing is saved yet.
plan-would = { $count ->
    [0] Every appointment would still fit.
    [one] One appointment would no longer fit. It would stay booked.
   *[other] { $count } appointments would no longer fit. They would stay booked.
}
plan-times = { $service }: { $count } free times in two weeks
plan-exceptions = Exceptions
plan-exceptions-text = A date with other hours, or none.
plan-exception-hours-hint = Such as 8-12, 13:00-17:30. Leave it empty for a day off.
plan-note = Note
plan-add-exception = Add exception
plan-remove = Remove
plan-absences = Absences and closures
plan-absences-text = Leave, holidays and closures. Leave the hours empty for whole days.
plan-first-day = First day
plan-last-day = Last day
plan-away-from = Away from
plan-everywhere = all clinics
plan-yearly = Again every year
plan-yearly-short = every year
plan-add-absence = Add absence
plan-stop-title = Close a day
stop-title = Stop or cancel a day
stop-text = Of one doctor at one clinic. Whoever cancels the day says why, and the patients are told.
plans-title = Working plans
plans-text = The doctors at your clinics, with their hours, breaks and absences there.
plans-none = No doctor offers anything at your clinics.
plan-stop-text = To stop taking bookings keeps every appointment of that day. To cancel the day also cancels those that are still ahead, and tells each patient.
plan-reason-hint = Needed to cancel: the patients are told.
plan-stop = Stop taking bookings
plan-cancel-day = Cancel the day
plan-stopped = Days on which bookings are stopped
plan-stopped-text = Opening a day gives it the hours that it had before. Appointments that were cancelled stay cancelled.
plan-stopped-cancelled = { $count ->
    [one] One appointment stays cancelled.
   *[other] { $count } appointments stay cancelled.
}
plan-open-day = Open again
plan-why = Why is this time not offered?
plan-why-unreadable = Write the time as 09:00.
plan-ask = Ask
plan-bad-dates = The last day is before the first, or a yearly closure is a year long.
plan-saved-week = The weekly hours are saved.
plan-saved-exception = The exception is saved.
plan-saved-exception-removed = The date follows the week again.
plan-saved-absence = The absence is saved.
plan-saved-absence-removed = The absence is removed.
plan-saved-day-stopped = No more bookings are taken on that day.
plan-saved-day-opened = Bookings are taken again on that day. Appointments that were cancelled stay cancelled.
plan-saved-day-cancelled = The day is cancelled.
plan-kept = { $count ->
    [one] One appointment no longer fits and stays booked.
   *[other] { $count } appointments no longer fit and stay booked.
}
plan-day-told = Cancelled appointments: { $count }. Messages on their way to patients: { $told }.
plan-stale-title = Somebody changed this plan while you were looking at it
plan-stale-by = { $who } changed { $what }: { $when }.
plan-stale-text = What you typed is still in the form, and the plan above is the new one. Check both, and save again.
plan-changed-week = the week
plan-changed-exception = an exception
plan-changed-exception-removed = an exception
plan-changed-absence = an absence
plan-changed-absence-removed = an absence
plan-changed-day-stopped = a day
plan-changed-day-opened = a day
plan-changed-day-cancelled = a day

# Why a time is not offered.
why-offered = This time is offered.
why-doctor-inactive = The doctor takes no bookings.
why-service-inactive = This service is not offered at present.
why-not-offered-here = The doctor does not offer this service here.
why-no-such-time = This time does not exist on that day (clocks go forward).
why-past = This time has passed.
why-before-notice = It is too soon: the service asks for more notice.
why-beyond-horizon = It is too far ahead for this service.
why-outside-plan = There are no working hours then.
why-exception = That date has an exception, which has no hours then.
why-break = There is a break then.
why-absence = The doctor is away then.
why-closure = The clinic is closed then.
why-busy-elsewhere = The doctor is busy then by another calendar: { $calendars }.
why-taken = Taken, or too close to another appointment.
why-off-grid = Times of this service do not begin then.
why-would-not-fit = It would end after working hours.

# When clinics are closed.
nav-closures = Closures
closures-title = Closures
closures-text = Days or hours when clinics are closed, whatever the doctors’ plans say. Appointments stay booked.
closures-where = Closed
closures-add = Add closure
closures-saved = The closure is saved.
closures-removed = The closure is removed.

# Before patients are hit.
ask-absence = Save this absence?
ask-closure = Save this closure?
ask-day = Cancel this day?
ask-count = { $count ->
    [0] Nobody has booked then.
    [one] One appointment is hit:
   *[other] { $count } appointments are hit:
}
ask-after = Afterwards there is a list of whom to call, to tick off.
ask-absence-do = Save the absence
ask-closure-do = Save the closure
ask-day-do = Cancel the day and tell the patients
ask-leave = Leave it
reach-both = a message reaches them by phone and e-mail
reach-phone = a message reaches them by phone
reach-email = a message reaches them by e-mail
reach-nobody = no message reaches them: call
error-affected-changed = Somebody booked, moved or cancelled meanwhile, so nothing was done. Below is whom it hits now. Decide once more.

# Whom to call.
calls-title = Whom to call
calls-text = Patients whose appointments a cancelled day, an absence or a closure has hit.
calls-none = There is nobody to call.
calls-why-day = Day cancelled
calls-why-absence = Absence
calls-why-closure = Closure
calls-made = Made by { $who }: { $when }
calls-open = Whom to call
calls-open-of = { $open ->
    [0] All { $count } called
   *[other] { $open } of { $count } still to call
}
calls-called = { $who } called: { $when }
calls-already = { $who } had called { $patient } before you: { $when }.
calls-tick = Called
calls-untick = Not called yet
calls-reach = By message
calls-cancel = Cancel
calls-book-again = Book again
calls-all = { $count ->
    [one] One appointment is still booked
   *[other] { $count } appointments are still booked
}
calls-cancel-all = { $count ->
    [one] Cancel it
   *[other] Cancel all { $count }
}
calls-move-all = Move all to other times
calls-move-title = Move all
calls-move-text = The first free time of the same doctor for each. Nothing is moved yet.
calls-no-time = no free time
calls-move-do = { $count ->
    [one] Move one appointment
   *[other] Move { $count } appointments
}
calls-did = Done: { $done }. Not possible any more: { $left }.
