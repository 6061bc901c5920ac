# The API.
api-found = Here it is.
api-code-sent = If this phone number can receive messages, a code is on its way.
api-signed-in = Signed in.
api-signed-out = Signed out. The token is no longer valid.
api-requested = Requested. The time is reserved; the clinic will answer.
api-booked = Booked.
api-held = Held.
api-released = Let go of. The time is free.
api-checked = Checked.
api-changed = Changed.
api-moved = Moved.
api-prescribed = Prescribed.
api-prescription-checked = This is what would be written. Nothing was written.
api-prescription-withdrawn = Withdrawn. The prescription is void.
api-rated = Rated.
api-message-sent = The message is sent.
api-consultation-seen = Noted.
api-missing = { $field } is missing.
api-malformed = { $field } is not valid.
api-unknown = { $field } is not known here.
api-too-large = The request is too large.
api-media-type = Send the request as application/json.
api-method = This address does not understand this method.
api-not-found = There is no such call.
error-invalid-date-range = Choose a range that begins before it ends, of at most 62 days.

# Calendars.
api-calendar-made = Made. Whoever has this address can read the calendar; it is told only now.
api-calendar-revoked = Revoked. The address leads nowhere any more.

# Schedules and the organisation.
api-plan-added = Added.
api-plan-removed = Removed.
api-plan-preview = This is what would come of it. Nothing was changed.
api-day-cancelled = The day is cancelled, and its patients are told.
api-organisation-added = Added.
api-imported = Imported. The report says what came of each line.
api-import-checked = This is what would come of it. Nobody was added.

# Tokens.
api-token-made = Made. Keep the token: it is told in this answer alone.
api-token-told = It was made before, by the same request. Its token was told then and is not told again.
api-token-revoked = Revoked. The token is no longer valid.
api-scope = This token is not good for this: it would need the scope { $scope }.
api-scope-everything = This token is not good for this: it would have to be good for everything.
api-scope-sign-in = A token that was made for a program is not good for this: sign in.
api-too-long = { $field } is too long.
api-too-often = That was too often. Wait as long as Retry-After says.
api-common = { $field } is easily guessed.
api-abroad = { $field } is of a country to which no codes are sent.
api-factor-asked = The password is right. Now answer with a code of the second factor.
api-waitlist-joined = On the waitlist.
api-waitlist-left = Off the waitlist.
api-offer-accepted = The offer is accepted.
api-offer-declined = The offer is declined.
api-offer-made = The time is offered.
api-webhook-made = Made. Keep the secret: it is told in this answer alone.
api-webhook-told = Made before. The secret was told then.
api-webhook-deleted = Deleted. Nothing more is posted.
api-webhook-posted = It is posted now.
api-copy-asked = Your copy is being made.
api-erasure-requested = Your record is closed, and is being erased.
api-payment-begun = The patient pays on this page; the time is held until it ends.
api-payment-taken = The payment was taken.
