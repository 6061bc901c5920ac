# The navigation of admins.
nav-locks = Locks
nav-integrity = Integrity

# Locks.
locks-title = Locks
locks-intro = What locks cost and what collides. The database tells of this moment for all servers; the numbers since the start are those of the server that answers.
locks-refresh = Refresh
locks-now = At this moment
locks-waiting = Waiting
locks-longest = Longest wait
locks-transactions = Open transactions
locks-oldest = Oldest transaction
locks-pool = Connections in use
locks-pool-of = { $used } of { $most }
locks-nobody-waits = Nobody waits for a lock.
locks-waits = Who waits for whom
locks-a-transaction = for another transaction
locks-nothing-held = No table is locked for writing.
locks-held = Tables that are locked
locks-since = Since the start of this server
locks-done = Transactions done
locks-conflicts = Conflicts prevented
locks-retries = Tried again
locks-give-ups = Given up
locks-timeouts = Timeouts
locks-rollbacks = Rolled back
locks-constraints = Refused by a constraint
locks-deadlocks = Deadlocks in the database
locks-nothing-measured = Nothing has been measured yet.
locks-operations = Operations
locks-operations-text = Times are p50 · p95 · p99: half, 95 and 99 of a hundred took no longer.
column-session = Session
column-waits = Waits
column-table = Table
column-blocked-by = For sessions
column-held = Held by
column-waiting = Waiting
column-operation = Operation
column-done = Done
column-refused = Refused
column-failed = Failed
column-retries = Retries
column-lock-wait = Lock wait
column-lock-hold = Lock hold
column-duration = Duration
chart-waits = How long locks are waited for
chart-waits-text = The dots are p50, p95 and p99, from left to right. A lock that is free takes one round trip.
chart-durations = How long transactions take
chart-durations-text = The dots are p50, p95 and p99, from left to right.
chart-conflicts = Conflicts prevented
chart-conflicts-text = Two wanted the same; one was told so, with a way on.
chart-failures = Attempts that the database ended
chart-failures-text = Deadlocks, serialization failures and lock timeouts are tried again.
prevented-slot-taken = Time was taken
prevented-hold-expired = Held time ran out
prevented-patient-overlap = Patient was busy
prevented-slot-closed = Time was closed
prevented-stale-version = Changed meanwhile
prevented-invalid-transition = No longer possible
prevented-prescription-exists = Prescribed already
prevented-rating-exists = Rated already
prevented-idempotency-conflict = Key used for something else
failure-deadlock = Deadlock
failure-serialization = Serialization failure
failure-lock-timeout = Lock timeout
failure-timeout = Took too long
failure-unreachable = Database not reachable
failure-other = Other

# The integrity check.
integrity-title = Integrity check
integrity-intro = Looks at every appointment and its history at one moment, changes nothing, and names what breaks a rule.
integrity-check = Check now
integrity-none-title = Not checked yet
integrity-none-text = The database has not been checked since it was made.
integrity-awaited = The check that was asked for has not ended. It goes on; reload this page in a while.
integrity-old = The last check is { $hours } hours old. It is to be made every hour: the log of the server has the reason.
integrity-sound = Every rule is kept.
integrity-broken = { $count ->
    [one] One rule is broken.
   *[other] { $count } rules are broken.
}
integrity-counted = Appointments: { $appointments }. Changes: { $changes }. Doctors: { $doctors }. Patients: { $patients }.
integrity-when = { $moment } UTC, in { $duration }.
integrity-rules = Rules
integrity-kept = Kept
integrity-times = Broken { $count ->
    [one] once
   *[other] { $count } times
}
integrity-more = and { $count } more
column-rule = Rule
column-result = Result
integrity-doctor-double-booked = No doctor has two appointments at once
integrity-patient-in-two-places = No patient is in two places at once
integrity-overbooking-unaccounted = Every deliberate overbooking has a reason and somebody of staff who made it
integrity-history-missing = Every appointment has a history
integrity-history-gap = Its changes are counted from one to the version of the appointment
integrity-history-beginning = It begins with a hold or a booking
integrity-history-broken = Each change begins where the one before it ended
integrity-history-illegal = Each change is one that the rules allow
integrity-history-end = It ends at what the appointment is now
integrity-history-orphan = Every change belongs to an appointment
integrity-visit-outside-block = The blocked time contains the visit
integrity-end-missing = Every hold and every request has an end
integrity-owner-missing = Only a hold may have no patient
integrity-status-unknown = Every status is known
integrity-row-missing = Doctor, clinic, service and patient of every appointment exist
integrity-reference-twice = No reference was given twice
integrity-wall-time-moved = Every coming appointment is at the time of day that was promised with it
integrity-zone-unknown = The time zone of every clinic is known
integrity-reference-malformed = Every reference can be read out on the phone
integrity-prescription-twice = Every appointment has at most one prescription
integrity-prescription-misplaced = Every prescription belongs to a visit and prescribes something
integrity-rating-twice = Every appointment has at most one rating
integrity-rating-misplaced = Every rating is of a completed visit, and of its doctor
integrity-guard-missing = The constraints of the database are in place
