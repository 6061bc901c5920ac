# Working plans, exceptions, absences and closures.
error-hours-malformed = Write times such as 09:00 and 17:30, the end after the start, and hours that do not overlap.
error-hours-too-long = These are too many hours.
error-day-malformed = Write the date as 2026-11-24.
error-day-missing = Choose a date.
message-day-cancelled = { $clinic }: { $doctor } cannot see you on { $date } ({ $times }). { $count ->
    [one] Your appointment is
   *[other] Your appointments are
} cancelled. Reason: { $reason } Please choose another time or call { $phone }.
