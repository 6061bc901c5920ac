# Finding a doctor.
start-title = Book your appointment
start-intro = Choose a doctor and a time. While you fill in the rest, we keep the time for you.
search-words = Name or speciality
speciality = Speciality
clinic = Clinic
spoken-language = Language
any = Any
find = Find
more-filters = Clinic, language, speciality
doctors-found = { $count ->
    [one] One doctor
   *[other] { $count } doctors
}
not-open-title = Nothing can be booked here yet
not-open-text = This clinic is still setting up its calendar. Please come back later.
no-doctors-title = No doctor fits
no-doctors-text = Try fewer words, or another clinic.
all-doctors = All doctors
next-free = Next: { $day }, { $time }
nothing-free-soon = Nothing free in the next two weeks
choose-a-time = Choose a time
language-en = English
language-id = Indonesian
language-de = German
language-jv = Javanese
language-mi = Māori
language-fr = French
language-zh = Chinese
language-nl = Dutch
language-tr = Turkish
language-es = Spanish

# Choosing a time.
times-title = Times of { $doctor }
what-to-book = What would you like to book?
chosen-service = { $service }, { $clinic }
another-service = Change service or clinic
another-clinic = Change the clinic
minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
zone-note = All times are clinic time ({ $zone }).
times-left = { $free } of { $all } times left
morning = Morning
afternoon = Afternoon
days = Days
jump-to-day = Go to a day
jump-from = Show times from
jump-do = Show
earlier-days = Earlier days
later-days = Later days
no-times-title = No free times
no-times-text = Everything is taken for now. Try another service or another doctor.
about-doctor = About { $doctor }
our-clinics = Where you find us
just-taken = just taken
just-taken-announcement = { $time } has just been taken.

# Steps.
steps = Steps
step-time = Time
step-details = Details
step-check = Check
step-done = Done
other-time = Choose another time
details-title = Your details
reason-label = Reason for the visit
reason-hint = A few words help your doctor to prepare. Only the clinic sees them.
no-reason = None given
holding = We are holding { $time } for you until { $until } ({ $zone }).
hold-minutes-left = { $minutes } min left.
hold-last-minute = Less than a minute left.
hold-ran-out = The time we held has passed. It may still be free: carry on and we check.
keep-longer = Keep it longer
unfinished-title = A time is held for you
unfinished-go-on = Go on with this booking
let-go-title = You chose another time
let-go-notice = This time is no longer held for you.
let-go-text = We hold one time for you. When you chose another one, perhaps in another tab, this one was let go: { $time }. Nothing was booked.
let-go-other = Held for you now: { $time }.
let-go-go-on = Go on with that one
let-go-again = Hold this time again
check-title = Check and book
book-now = Book this appointment
doctor = Doctor
service = Service
when = When
where = Where
clinic-phone = Phone of the clinic
where-video = By video ({ $clinic })
where-text = In writing ({ $clinic })

# When two people want the same thing.
conflict-taken = { $time } has just been taken.
conflict-hold-expired = Your held time ran out and someone else booked it.
conflict-closed = The clinic has closed this time.
conflict-overlap = You already have an appointment at { $time } that day.
conflict-nothing-lost = Nothing you entered is lost. These times are free right now:
all-times = All times
view-it = View that appointment
move-it-here = Move that appointment to this time
busy-then = You have an appointment then
