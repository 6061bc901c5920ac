# Every page.
error = Error
footer = Janji keeps its promise: a time that you were given is yours.
skip-to-content = Skip to content
nav-main = Main
nav-find = Find a time
nav-appointments = My appointments
nav-today = Today
nav-board = Appointments
nav-day = Day calendar
nav-doctors = Doctors
find-my-booking = Find my booking
for-staff = For staff
signed-in = Signed in
sign-in = Sign in
sign-out = Sign out
language = Language
optional = (optional)
continue = Continue
change = Change
to-start = To the start page
there-is-a-problem = There is a problem

# The demo.
demo = Demo
demo-ribbon = Demo: nothing here is real.
demo-messages-link = Messages that would go out
messages-title = Messages
messages-intro = In this demo nothing is sent. What would go out as SMS or e-mail is listed here, newest first.
messages-empty-title = No messages yet
messages-empty-text = When somebody signs in by phone, the code appears here.

# Dates. Weekdays and months are shortened to their first three letters where there is little room.
date-long = { $weekday } { $day } { $month } { $year }
date-short = { $weekday } { $day } { $month }
zone-from = { $zone }, from { $date } { $offset }
weekday-monday = Monday
weekday-tuesday = Tuesday
weekday-wednesday = Wednesday
weekday-thursday = Thursday
weekday-friday = Friday
weekday-saturday = Saturday
weekday-sunday = Sunday
month-january = January
month-february = February
month-march = March
month-april = April
month-may = May
month-june = June
month-july = July
month-august = August
month-september = September
month-october = October
month-november = November
month-december = December

# Pages that cannot be shown.
not-found-title = We could not find that
not-found-text = There is nothing here, or it is not yours to see.
forbidden-title = That is not for this account
forbidden-text = You are signed in with an account that cannot do this.
refused-origin-title = This came from another site
refused-origin-text = For your safety we only take forms from our own pages. Open the page again and try once more.
refused-method-title = That does not work this way
refused-method-text = This address does not understand what was asked of it. Go to the page and use its buttons.
refused-body-title = That is too much at once
refused-body-text = What was sent is too large, and nothing of it was used. Go back, where your text still is, and send less.
refused-uri-title = This address is too long
refused-uri-text = The address is longer than we read. Search for fewer words, or open the page again.
refused-media-title = We cannot read that
refused-media-text = What was sent is not in a format that we read. Use the form on the page.
refused-headers-title = Your browser sends too much
refused-headers-text = The request says more about itself than we read. Delete the cookies of this site and try again.
unavailable-title = We cannot answer just now
unavailable-text = Our database does not answer. Please try again in a moment: nothing is done twice.
internal-title = Something went wrong on our side
internal-text = We have made a note of it. Nothing was changed.

# Errors.
error-too-many-characters = { $count ->
    [one] That is one character too many.
   *[other] That is { $count } characters too many.
}
error-unauthenticated = Please sign in first.
error-rate-limited = That was too often. Please wait a little, a quarter of an hour at most, and try again.
error-busy = We could not finish in time. Nothing was booked or changed. Please try again.
error-wrong-code = This code is not right, or it is no longer valid. Check it, or ask for a new one.
error-wrong-password = E-mail and password do not belong together.
error-invalid-transition = That is no longer possible for this appointment.
error-stale-version = Somebody changed this while you were looking at it.
error-slot-taken = This time has just been taken.
error-hold-expired = Your held time ran out and someone else booked it.
error-patient-overlap = You already have an appointment at that time.
error-slot-closed = The clinic has closed this time.
error-too-many-open = You have as many open requests or appointments as you can have. Cancel one that you do not need, or call the clinic.
error-phone-missing = Enter your phone number.
error-phone-too-long = Enter a shorter phone number.
error-phone-malformed = Enter a phone number such as 0812 3456 7890 or +62 812 3456 7890.
error-code-missing = Enter the code from the message.
error-code-too-long = A code has six digits.
error-code-malformed = A code has six digits.
error-name-missing = Enter your name.
error-name-too-long = Enter a shorter name, of at most 120 characters.
error-name-malformed = Enter your name.
error-reason-missing = Say why.
error-reason-too-long = Say it in at most 500 characters.
error-reason-malformed = Say why.
error-email-missing = Enter the e-mail address.
error-email-too-long = Enter a shorter e-mail address.
error-email-malformed = Enter an e-mail address such as name@clinic.example.
error-password-missing = Enter your password.
error-password-too-long = Enter a shorter password.
error-password-malformed = Enter your password.
error-starts_at-missing = Choose a time.
error-starts_at-too-long = Choose a time.
error-starts_at-malformed = This is not a time that can be chosen.
error-status-missing = Choose what to do.
error-status-too-long = Choose what to do.
error-status-malformed = Choose what to do.
error-version-missing = The form was not complete. Load the page again.
error-version-too-long = The form was not complete. Load the page again.
error-version-malformed = The form was not complete. Load the page again.
error-body-missing = The form was not complete. Load the page again.
error-body-too-long = The form was too long.
error-body-malformed = The form could not be read. Load the page again.

# Requests that come twice
error-idempotency-conflict = This was already sent, with something else in it. Look at what became of it, and start again from a fresh page.
error-idempotency_key-missing = The key of the request is missing.
error-idempotency_key-too-long = The key of the request is too long: at most 200 characters.
error-idempotency_key-malformed = The key of the request must be printable ASCII characters.
try-again = Try again
