# Messages to phones and by e-mail. A phone shows 160 signs of these for one price, and only 70 where one sign is unusual, such as a
# curved quotation mark. None of them may say what somebody has, whom they see or what for.
message-code-subject = Your code
message-email = Somebody, probably you, wants to be told about appointments at this address. If it was you, please confirm it.
message-email-subject = Is this your address?
message-link-email = It is my address
message-test = This is a test. Messages of your clinic reach you here.
message-test-subject = A test
message-requested = We have your request: { $when }, { $place }. { $reference }. The clinic will answer.
message-requested-subject = Your request for { $when }
message-requested-next = The time is kept for you until the clinic has answered. You hear from us as soon as it has.
message-confirmed = Your appointment is confirmed: { $when }, { $place }. { $reference }
message-confirmed-subject = Confirmed: { $when }
message-moved = Your appointment has moved. New: { $when }, { $place }. { $reference }
message-moved-subject = Moved to { $when }
message-request-moved = Your request has moved. New: { $when }, { $place }. { $reference }. The clinic will answer.
message-coming-next = If you cannot come, please cancel or move it as early as you can: others wait for a time. You can also call { $phone }.
message-declined = The clinic cannot give you { $when }. { $reference }. Please choose another time.
message-declined-subject = Not possible: { $when }
message-cancelled-by-clinic = The clinic had to cancel your appointment: { $when }. { $reference }. Please choose another time.
message-cancelled-by-patient = You have cancelled your appointment: { $when }. { $reference }
message-cancelled-subject = Cancelled: { $when }
message-reason = The clinic gave a reason. You can read it on the page of the appointment.
message-expired = The clinic did not answer your request in time: { $when }. { $reference }. Please choose another time.
message-expired-subject = No answer: { $when }
message-again-next = Other times are on our page. If you need help, call { $phone }.
message-reminder = Reminder: { $when }, { $place }. { $reference }
message-reminder-subject = Your appointment: { $when }
message-prescription = A document of your appointment { $reference } is ready for you.
message-prescription-subject = A document is ready
message-rating = How was your appointment { $reference }? Please tell us.
message-rating-subject = How was it?
message-page-next = You find it on our page, after signing in. If you have a question, call { $phone }.
message-link-appointment = Say that you come, cancel or move it
message-link-again = Find another time
message-link-page = To the appointment
message-link-day = To your day
message-day = { $date }: { $count } { $count ->
        [one] appointment
       *[other] appointments
    }, from { $first } to { $last }.
message-day-requests = { $count ->
        [one] One request waits
       *[other] { $count } requests wait
    } for your answer.
message-day-subject = Your day: { $date }

# Where the links in messages lead.
link-title = Your appointment
link-come = I am coming
link-coming = You have said that you come.
link-done-come = Thank you: the clinic knows that you come.
link-done-cancel = Your appointment is cancelled.
link-done-move = Your appointment has moved.
says-coming = Says they come
unsubscribe-title = No more reminders
unsubscribe-intro = You get no more reminders of appointments. Confirmations, changes and cancellations still reach you.
unsubscribe = Send me no reminders
unsubscribe-done = You get no more reminders.

# The page of admins.
nav-messages = Messages
no-sender-title = Messages do not leave
no-sender-text = There is no gateway to phones: patients get no codes and cannot sign in.
messages-admin-title = Messages
messages-admin-intro = What went out, what waits, and what was given up. Codes are erased once they are sent. Times are in UTC.
messages-list = All messages
messages-none = No messages
messages-sums = The last 14 days
messages-sent-by-day = Sent by day
messages-failed-by-day = Given up by day
messages-kind = About
messages-state = State
messages-to = To
messages-text = Text
messages-all = All
messages-again = Send again
messages-again-done = It is sent again, if it is still true.
messages-of-patient = All to this patient
messages-test = Send a test
messages-test-to = Phone number or e-mail address
messages-test-hint = You see at once whether the provider takes it. It may cost as much as any other message.
messages-test-sent = The provider has taken the test.
messages-test-failed = The test was not sent
messages-test-no-sender = There is no sender for this. The guide on messages says how to set one up.
kind-code = Code to sign in
kind-account = Account of staff
kind-confirm-email = Address to be confirmed
kind-test = Test
kind-requested = Request received
kind-confirmed = Confirmed
kind-declined = Declined
kind-moved = Moved
kind-cancelled = Cancelled
kind-day-cancelled = Day cancelled
kind-expired = Request expired
kind-reminder-week = Reminder, a week before
kind-reminder-day = Reminder, a day before
kind-prescription-ready = Prescription ready
kind-rating-asked = Asked for a rating
kind-doctors-day = Day of a doctor
state-due = Waits
state-waiting = Waits
state-planned = Planned
state-claimed = Is being sent
state-sent = Sent
state-delivered = Arrived
state-failed = Given up
state-suppressed = Not said
trouble-too-late = Its time was over before it could be sent.
trouble-no-longer-true = What it says is no longer so.
trouble-opted-out = The recipient does not want such messages.
trouble-no-such-recipient = The provider says that there is no such recipient.
trouble-unreachable = The provider could not be reached.
trouble-unsure = The provider had it and did not answer: it may have arrived.
trouble-refused-for-now = The provider could not take it then.
trouble-refused = The provider refused it.
trouble-account-refused = The provider refused the account: a wrong password or key, or no credit.
trouble-undelivered = The provider could not deliver it.
trouble-recipient-cap = Too many went to this recipient within a day.
trouble-day-cap = Too many went out within a day.
trouble-country = No messages are sent to that country.
trouble-no-template = The gateway has no approved template for it.
trouble-internal = Janji itself failed.

# How patients want to be told.
contact-title = How we reach you
contact-link = How we reach you
contact-intro = You hear of changes to your appointments at once. Choose how.
contact-phone = Your phone
contact-email = E-mail address
contact-email-hint = Then you get e-mails, which your calendar understands, in place of text messages. We send a link there first. Leave it empty for text messages.
contact-no-email = The clinic sends text messages to your phone.
contact-language = Language of messages
contact-language-last = As when I last signed in
contact-reminders = Remind me of my appointments
contact-save = Save
contact-saved = Saved.
contact-asked = Saved. We have sent a link to your address: open it within a day.
contact-confirmed = This address is confirmed.
contact-unconfirmed = This address is not confirmed yet: open the link in our mail. Saving again sends it again.
email-title = Is this your address?
email-intro = Messages about your appointments will go to this e-mail address.
email-confirm = It is my address
email-done = Thank you: the address is confirmed.
error-email-unknown = This clinic sends no e-mails, so that an address is of no use here yet.
