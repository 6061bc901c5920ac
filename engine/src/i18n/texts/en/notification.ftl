# Messages to phones and by e-mail. A phone shows 160 signs of these for one price, and only 70 where one sign is unusual, such as a
# curved quotation mark. None of them may say what somebody has, whom they see or what for.
message-code-subject = Your code
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
