busy-conflicts = Busy elsewhere
busy-conflicts-text = These appointments and sessions stand, but another calendar of the doctor has something at the same time. Nothing was cancelled, and seats of a session can still be taken: move or cancel them, or make room in the other calendar.
busy-conflict-in = also in: { $calendars }

# What could not be read of a calendar elsewhere, on the page of the account.
busy-trouble-too-many = { $count ->
    [one] One series has more times than can be taken over. Only the first ones take time here.
   *[other] { $count } series have more times than can be taken over. Only the first ones take time here.
}
busy-trouble-too-large = { $count ->
    [one] One event is too large to be read.
   *[other] { $count } events are too large to be read.
}
busy-trouble-malformed = { $count ->
    [one] One event could not be read.
   *[other] { $count } events could not be read.
}
busy-trouble-unknown-zone = { $count ->
    [one] One event has a time zone that nobody knows.
   *[other] { $count } events have a time zone that nobody knows.
}
busy-trouble-unknown-rule = { $count ->
    [one] One series recurs in a way that is not understood.
   *[other] { $count } series recur in a way that is not understood.
}

integrity-busy-astray = Every busy time of another calendar is that of the doctor whose calendar it is.
integrity-busy-by-nothing = Nobody is busy by an event that takes no time, or by an appointment of ours.
