# Room stays: rooms of a clinic for nights.
rooms-title = Rooms
rooms-link = Rooms for patients and companions
rooms-intro = For patients who stay overnight, and for those who come along. You see what is free in each night.
rooms-empty-title = No rooms yet
rooms-empty-text = No room can be booked here at present.
rooms-per-night = { $price } for a room and a night
rooms-nights = What is free
rooms-months = Months
rooms-calendar-hint = Choose the day of arrival, then the day of departure. The night of the departure is not counted.
rooms-full = full
rooms-left = { $count } left
rooms-from-day = Arrive on { $date }: { $left }
rooms-until-day = Leave on { $date }: { $left }
rooms-show = Show the price
rooms-price = Your choice
rooms-sum = { $amount }, { $price } each: { $total }
rooms-hold = Keep these rooms for me
rooms-hold-hint = We keep the rooms for { $minutes } minutes while you decide. Nothing is booked yet.
room-type-payment-hint = What is booked keeps the rules that it was booked with. The desk books without payment.
room-type-deposit-hint = For a stay, in the currency of the price. Only for a deposit; a stay that costs less is paid whole.
room-type-refund-hours-hint = In hours before the day of the arrival begins: until then, a patient who cancels or gives up nights gets everything back for them. What the clinic calls off is always paid back.
rooms-book = Book rooms
rooms-sign-in = Sign in and go on
rooms-sign-in-text = To book, sign in with your phone number. Your choice is kept.
rooms-your-name = Your name
rooms-no-patient = Open a patient first, and choose “Book rooms” there.
rooms-nothing-lost = Nothing you entered is lost. You can choose one of these, or change your choice below.
rooms-nothing-instead = Nothing else is free nearby. Choose other days in the calendar.
rooms-range-title = These days cannot be booked
rooms-range-text = Choose a day of arrival from today on, a later day of departure, and at most 90 nights.

stays-title = Stays
stays-mine = My stays
stays-none = No stays yet.
stays-tonight = Tonight
stays-free = Free
stays-taken = Taken
stays-total = Rooms
stays-arrivals = Arrivals
stays-departures = Departures
stays-here = Who is here
stays-nobody = Nobody.

stay-title = Stay { $reference }
stay-check-title = Check and book
stay-room-type = Room
stay-clinic = Clinic
stay-arrival = Arrival
stay-departure = Departure
stay-amount = How many
stay-total = Price
stay-rooms-label = Rooms
stay-range = From { $arrival } to { $departure }
stay-nights = { $count ->
    [one] 1 night
   *[other] { $count } nights
}
stay-rooms = { $count ->
    [one] 1 room
   *[other] { $count } rooms
}
stay-status-held = Kept for now
stay-status-booked = Booked
stay-status-arrived = Here
stay-status-left = Left
stay-status-cancelled = Cancelled
stay-status-lapsed = Not booked
stay-holding = We keep these rooms for you until { $until } ({ $zone }).
stay-ran-out = The rooms are no longer kept for you. If they are still free, you can book them.
stay-book = Book these rooms
stay-book-again = Book rooms again
stay-other-nights = Other days
stay-give-up = Do not book
stay-booked-now = Booked: { $reference }
stay-booked-text = Please note the reference. You can change or cancel the stay here until the day of arrival.
stay-changed-now = { $reference } is changed.
stay-cancelled-now = { $reference } is cancelled.
stay-cancelled-text = The rooms are free again.
stay-arrived-now = { $reference }: arrived
stay-not-arrived-now = { $reference }: not here after all
stay-left-now = { $reference }: left
stay-arrived-do = Arrived
stay-not-arrived-do = Not here after all
stay-left-do = Left
stay-change = Change days or rooms
stay-sign-in = Sign in to change it
stay-change-title = Change days or rooms
stay-change-text = What you have stays yours until the new days are had. New nights have today’s price.
stay-change-do = Change the stay
stay-leave-it = Leave it as it is
stay-cancel = Cancel the stay
stay-cancel-text = The rooms are free for others at once.
stay-cancel-reason = Why
stay-cancel-do = Cancel it
stay-changed-by = { $name } changed it.
stay-look-again = Below is how it is now. Look at it and try again.

room-types-title = Kinds of rooms
room-types-intro = What rooms there are, how many, and what a night costs.
room-types-empty-title = No rooms yet
room-types-empty-text = Add the first kind of rooms, and patients can book them.
room-type-new = New kind of rooms
room-type-rooms = Rooms
room-type-rooms-hint = How many there are each night.
room-type-price = Price of a night
room-type-kept = What is booked keeps its price. A new number counts for all nights to come that have none of their own.
room-type-stale-by = { $name } changed it on { $when }.
room-nights-title = Other numbers for some nights
room-nights-text = For nights with fewer or more rooms than usual.
room-nights-from = First night
room-nights-to = Last night
room-nights-total-hint = Leave it empty for the usual number.
room-nights-save = Save for these nights
room-nights-saved = The nights are saved.
room-night-taken = { $night }: { $taken } taken

error-rooms-short = { $available ->
    [0] No room is left for { $night }.
    [one] Only one room is left for { $night }.
   *[other] Only { $available } rooms are left for { $night }.
}
error-rooms-taken = More than { $total } rooms are taken between { $first } and { $last }.
error-room-type-not-found = These rooms can no longer be booked.
error-stale-stay = Somebody changed this stay while you were looking at it.
error-stay-transition = That is no longer possible with this stay.
error-rooms-missing = Enter the number of rooms.
error-rooms-malformed = Enter a number of rooms.
error-rooms-too-many = Choose at most 20 rooms.
error-arrival-missing = Enter the first day.
error-arrival-malformed = Enter the first day as a date.
error-departure-missing = Enter the last day.
error-departure-malformed = Enter the last day as a date.
error-price-missing = Enter a price; 0 where it costs nothing.
error-currency-taken = The currency stays while somebody has booked these rooms.

integrity-room-night-miscounted = The rooms taken in a night are those of its stays, and no more than there are
integrity-stay-nights-broken = A stay has exactly the nights, rooms and price that it says, and none after its end
integrity-stay-history-broken = The history of a stay leads to what is there
