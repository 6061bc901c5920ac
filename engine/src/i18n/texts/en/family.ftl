# Families who share a phone.
whose-label = For whom is it?
whose-somebody-else = Somebody else with the same phone
whose-name = Name of somebody else
whose-name-hint = Such as a child. Everybody has records of their own; you sign in for all of them.
phone-shared = This number belongs to { $names }
phone-shared-text = Nothing has been booked yet. Say below whether it is for them, or for somebody else with the same phone.
error-phone-shared = This number belongs to somebody else, too. Say for whom it is.
error-whose-missing = Say for whom it is.
error-whose-malformed = Choose for whom it is.
error-whose-taken = Choose another record: this is the same one.
error-name-too-many = So many people share this phone already that nobody can be added.
api-family-added = Added.

# Phone numbers that are not right.
phones-title = Phone numbers to check
phones-intro = Numbers that were stored in an earlier form. What could be corrected without a question has been; these need you.
phones-found = { $count ->
    [one] One phone number is not right
   *[other] { $count } phone numbers are not right
}
phones-empty-title = Every number is right
phones-empty-text = When a number cannot be right, you find it here.
phones-appointments = { $count ->
    [one] one appointment
   *[other] { $count } appointments
}
phones-shared = The right number is { $phone }, which { $name } has: the same person, or somebody who shares the phone. Ask before you decide.
phones-free = The right number is { $phone }, which nobody has any more: correct it.
phones-nobodys = Nobody can have this number, so no code reaches it. Ask the patient for the right one.
phones-share = Put both under this number
phones-share-hint = Both records stay as they are. Whoever signs in with the number sees and books for both.
phones-right = The right number
phones-correct = Correct
phones-done = Done
error-phone-taken = Somebody else has this number.
