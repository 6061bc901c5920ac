# Group sessions.
error-no-seats = No seat is left in this session. Choose another one.
error-few-seats = { $available ->
    [one] Only one seat is left.
   *[other] Only { $available } seats are left.
}
error-capacity-taken = { $requested ->
    [one] One seat is taken already: there cannot be fewer.
   *[other] { $requested } seats are taken already: there cannot be fewer.
}
error-capacity-missing = Say how many seats there are.
error-capacity-malformed = A session has 1 to 500 seats.
error-seats-missing = Say how many seats you want.
error-seats-malformed = Take 1 to 20 seats.
error-weeks-missing = Say how many weeks.
error-weeks-malformed = A series has 1 to 52 weeks.
error-doctor-missing = Choose a doctor.
error-doctor-malformed = Choose a doctor.
error-service-missing = Choose a service.
error-service-malformed = Choose a service.
integrity-seats-oversold = No group session has more seats taken than there are, or one of them twice.
integrity-seat-astray = Every seat that is taken belongs to an appointment of its session, and the other way round.
integrity-group-time-lost = Every coming group session has its doctor's time, and its seats are at that time.
