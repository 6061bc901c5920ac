# Text and video consultations.
consultation = Consultation
consultation-with = Consultation with { $name }
consultation-open = Open the consultation
consultation-read = Read the consultation
consultation-opens = You can write to each other from { $when }.
consultation-opens-confirmed = It opens once the appointment is confirmed.
consultation-is-open = You can write to each other until { $when }.
consultation-closed = This consultation is closed. You can still read it.
consultation-none = No messages yet
consultation-messages = Messages
consultation-you = You
consultation-sent = Sent
consultation-seen = Seen
consultation-message = Your message
consultation-message-hint = Do not use it in an emergency: call the emergency services.
consultation-send = Send
consultation-reload = See new messages
consultation-print = To print this page, use the print function of your browser.
consultation-new-message = New message
consultation-news = There is something new.
consultation-unread = { $count ->
    [one] One new message
   *[other] { $count } new messages
}
consultation-waiting = New messages
consultation-answer = Answer
consultation-answer-whom = Answer: { $name }
video-join = Join the video consultation
video-title = Video consultation
video-opens = You can join from { $when }.
video-opens-confirmed = You can join once the appointment is confirmed.
video-over = The time to join is over.
video-not-configured = The clinic has not set up video links. It tells you how you see each other: { $phone }.
video-note = You can join from 15 minutes before the start. The link is only for the two of you.

# Errors.
error-consultation-closed = You cannot write here now. What you typed was not sent.
error-message-missing = Write a message.
error-message-too-long = Write at most 4,000 characters in a message.
error-message-malformed = Write a message.
error-message-too-many = This consultation has as many messages as it can have. Please call the clinic.
