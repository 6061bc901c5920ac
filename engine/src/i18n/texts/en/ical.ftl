# Calendars elsewhere: what they show. The name of a calendar and these titles say nothing about anybody's health.
calendar-name = Appointments
calendar-event = Appointment
calendar-requested = { $what } (requested)
calendar-cancelled = { $what } (cancelled)
calendar-reference = Reference { $reference }

# Their page.
calendar-add = Add to my calendar
calendar-link = Sync with my calendar
calendar-title = Your appointments in your own calendar
calendar-intro = The calendar of your phone or computer can show your appointments here, and keep up with what changes. For that, it needs a private address.
calendar-make-title = Create a calendar link
calendar-make = Create a calendar link
calendar-new-title = Make a new address
calendar-new-hint = The present one stops at once, and your calendar shows nothing new until it has the new one.
calendar-make-new = Make a new one
calendar-what = What shall it show?
calendar-neutral = Only that there is an appointment
calendar-neutral-hint = With the time and the street address. Others who see your calendar do not learn what it is for.
calendar-detailed = With details
calendar-detailed-patient = With the service, the doctor and the clinic. Whoever has the address can read them.
calendar-detailed-doctor = With the patient’s name, the service and the clinic. Whoever has the address can read them.
calendar-made = Your address is ready
calendar-once = It is shown only now: copy it, or open it in your calendar. Whoever has it can read your appointments, so give it to nobody.
calendar-address = Address of your calendar
calendar-address-hint = In your calendar, choose “Subscribe” or “From URL”, and paste it there.
calendar-subscribe = Subscribe in my calendar app
calendar-present = Your present address
calendar-made-at = Made
calendar-used-at = Last fetched
calendar-unused = Not yet
calendar-told = Shows
calendar-is-neutral = Only that there is an appointment
calendar-is-detailed = Details: whoever has the address can read them
calendar-revoke-hint = If somebody else may have it, revoke it. Your calendar then shows nothing new.
calendar-revoke = Revoke the address
calendar-revoked = The address has been revoked. It no longer works.
