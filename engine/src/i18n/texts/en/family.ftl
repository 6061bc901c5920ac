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
error-name-too-many = So many people share this phone already that nobody can be added.
api-family-added = Added.
