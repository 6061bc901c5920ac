# Signing in.
sms-code = { $code } is your Janji code. It is valid for { $minutes } minutes. Nobody from the clinic will ever ask you for it.
sign-in-title = Sign in with your phone
sign-in-intro = To see, move or cancel your appointments, we send a code to your phone.
sign-in-by-phone = Sign in by phone
find-title = Find my booking
find-intro = Enter the phone number that you booked with. We send it a code, and then you see what you booked.
find-reference = Reference, if you have it
find-reference-hint = Such as K7QM-4D2P. It opens that appointment at once.
find-open = Open the appointment
staff-question = Do you work here?
patient-question = Are you a patient?
staff-sign-in = Staff sign-in
staff-sign-in-intro = For doctors, reception and admins.
email-label = E-mail
password-label = Password
phone-label = Phone number
phone-hint = We send a code by SMS. It costs you nothing.
send-code = Send me a code
other-phone = Use another phone number
code-back = Back to your details
code-title = Enter the code
code-intro = A code with six digits is on its way to { $phone }. It is valid for { $minutes } minutes.
code-intro-no-sender = This clinic cannot send messages at present, so no code reaches { $phone }: please call the clinic. A code that you have is valid for { $minutes } minutes.
code-demo = This is a demo: the code is not sent, but listed at
code-label = Code
send-again = Send a new code
code-again = A new code is on its way to { $phone }. The one before it no longer works.
name-label = Your name
name-hint = Your full name, as on your health card.

# Tokens for programs.
tokens-title = API access
tokens-for-programs = For programs
tokens-intro = A program that acts for you, such as a calendar or a script, needs a token from you. Give each program one of its own, good for no more than it needs; you can revoke it at any time.
tokens-how = How programs use it
tokens-list = Your tokens
tokens-empty-title = No program acts for you
tokens-empty-text = When you make a token, you find it here.
tokens-sign-in = Sign-in of a program
tokens-may = Good for
tokens-made = Made
tokens-last-used = Last used
tokens-never = Never
tokens-expires = Ends
tokens-new = Make a token
tokens-name = What is it for?
tokens-name-hint = By this name you find it again, such as “Calendar on the wall”.
tokens-scopes = What may the program do?
tokens-days = For how long?
tokens-days-of = { $count ->
    [365] A year
   *[other] { $count } days
}
tokens-make = Make the token
tokens-revoke = Revoke
tokens-revoke-text = The program is refused at once. This cannot be undone.
tokens-revoke-really = Revoke it
tokens-told = The token of “{ $name }”
tokens-told-text = Copy it now and give it to the program: it is shown this once and never again. Whoever has it can act in your name.
tokens-token = Token
tokens-was-told = “{ $name }” has been made
tokens-was-told-text = Its token was shown once and cannot be shown again. If you do not have it, revoke it and make another one.
tokens-revoked = The token has been revoked
tokens-revoked-text = A program that shows it is refused from now on.
scope-everything = Everything you may do
scope-read = See
scope-book = Book
scope-treat = Prescribe
scope-plan = Plan
scope-organise = Organise
scope-webhooks = Webhooks
scope-read-patient = Your appointments, visits and prescriptions.
scope-read-doctor = Your calendar, your patients and your working plan.
scope-read-admin = Everything that you see, all appointments and patients included.
scope-book-patient = Book, move, cancel and rate for you.
scope-book-doctor = Book, move and cancel in your calendar, answer requests, and carry out visits.
scope-book-admin = Book, move, cancel and answer for anybody, and register patients.
scope-treat-doctor = Write prescriptions for your visits.
scope-plan-doctor = Change your working plan, exceptions and absences.
scope-plan-admin = Change working plans, exceptions and absences, and close clinics.
scope-organise-admin = Change services, clinics and what doctors offer.
scope-webhooks-doctor = Be told elsewhere what happens to your appointments.
scope-webhooks-admin = Be told elsewhere what happens to appointments, and see all webhooks.
error-token_name-missing = Say what the token is for.
error-token_name-too-long = Choose a shorter name, of at most 60 characters.
error-scopes-missing = Choose at least one thing that the program may do.
error-scopes-malformed = Choose from what is offered.
error-days-malformed = Choose how long, of at most 366 days.
error-tokens-too-many = You have as many tokens as you can have. Revoke one first.

# Forms whose session had ended.
session-ended-title = You have been signed out
session-ended-text = Your session ended before the form arrived, so nothing was done. Sign in, and you come back to the form with what you typed.
unsent-title = Your form has not been sent yet
unsent-text = You had been signed out. Here is what you typed: check it, and send it again.
hold-gone-title = This time is no longer held for you
hold-gone-text = Nothing was booked. The time you had chosen may still be free: please choose again. What you have booked before is under your appointments.
error-cookies-missing = Your browser does not accept cookies. Without them we cannot hold a time or know that it is you, so nothing was held and no code was sent. Please allow cookies for this site and try again.

# Guesses, and closed accounts.
error-sign-in-guarded = Too many wrong codes were typed for this phone number in the last days. Where you have not signed in before, a code alone is not enough: please call the clinic, which can let you in.
error-phone-abroad = We send no codes to numbers of this country. Please use another number, or call the clinic.
error-phone-unknown = No patient has this number.
error-reference-missing = Enter the reference.
error-reference-malformed = A reference has eight letters and digits, such as K7QM-4D2P.
error-reference-unknown = None of your appointments has this reference.
phone-access-title = Signing in by phone
phone-access-text = After many wrong codes, a phone cannot sign in from a new place: let it in when you know who is calling. A patient whose account is closed is signed out everywhere and cannot sign in.
phone-access-phone = Phone number of the patient
phone-access-let-in = Let it in
phone-access-close = Close the account
phone-access-open = Open the account

number-days-title = Numbers that change hands
number-days-text = An operator gives a number that was given up to somebody else, who can then receive its codes. Say for how many days it counts that you confirmed a number: after that, a code alone opens only what was booked within so many days. The patient’s page has the button that opens the rest.
number-days-label = Days that a confirmed number counts
number-days-hint = Leave it empty, and a code opens everything. 90 is a good choice.
number-title = Phone number
number-confirmed-by = Confirmed by { $name }: { $when }.
number-confirmed-never = Never confirmed.
number-lapsed = That no longer counts: a code alone opens only what was booked lately.
number-confirm-text = Confirm it when you know who is in front of you, and that this is their number.
number-confirm = This is their number
number-confirmed-now = The number is confirmed: a code opens everything again.
number-older-title = Older appointments are not shown
number-older-text = We have not checked for a while that this phone number is still yours. Please show up at the desk or call the clinic: they confirm it at once.

# The names of a patient and of their family.
account-name = Names
account-name-text = The clinic calls you by these names. Who changed one, and what it was before, is recorded.
account-own-name = Your name
account-relative-name = Name of somebody with your phone
account-name-save = Save the name
account-name-done = The name is saved.
