# Group sessions.
group-title = Groups and classes
group-intro = Sessions for several people at once. Take a seat, or several.
group-all = All groups and classes
group-none-title = No sessions yet
group-none-text = Nothing for groups is planned at the moment. You can book a time of your own.
group-session = Group session
no-doctor = No doctor
group-seats = Seats
group-own-seats = { $count ->
    [one] one seat
   *[other] { $count } seats
}
group-left = { $free } of { $capacity } left
group-full = No seats left
group-taken = { $taken } of { $capacity } seats taken
group-changed = The number of seats has changed.
group-price = Price of a seat
group-pay-how = Payment of a seat
group-sign-in = Sign in with your phone number to take a seat.
group-take = Take seats
group-how-many = How many seats
group-how-many-hint = For you and those who come with you: at most { $most }. You get all of them or none.
group-take-do = Take the seats
group-is-full = No seat is left in this session
group-is-cancelled = This session was cancelled
group-is-draft = This session is not published yet
group-has-begun = This session has begun
group-planned = Group sessions
group-planned-intro = Sessions for several patients, which occupy their doctor once.
group-none-planned = Plan the first one: a single session, or one every week.
group-new = New group session
group-name = Title
group-name-hint = What patients read, such as Vaccination afternoon.
group-day = Day
group-from = Start
group-length = Length in minutes
group-capacity = Number of seats
group-capacity-hint = From 1 to { $most }.
group-currency = Currency
group-weeks = Number of weeks
group-weeks-hint = 1 for a single session; a series has one every week at the same time, at most { $most }.
group-choose = Choose
group-publish = Publish
group-keep-draft = Keep as a draft
group-draft = Draft
group-published = Published
group-cancelled = Cancelled
group-over = Over
group-saved = Saved
group-who = Who has seats
group-nobody = Nobody has taken a seat yet.
group-change = Change
group-change-text = Where the time changes, everybody with a seat is told once. The number of seats cannot be less than what is taken.
group-with-rest = and all later sessions of this series
group-cancel = Cancel the session
group-cancel-text = All seats are cancelled, and everybody with one is told.
group-cancel-do = Cancel the session
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
integrity-nobody-busy = What has no doctor is a seat in a group session, and nothing else.
error-length-missing = Enter the length in minutes.
api-group-planned = Planned.
group-over-limit = The patient may have more of this service than its limits allow
