# Besuche aus mehreren Terminen.
error-segments-missing = Ein Besuch hat mindestens zwei Termine.
error-segments-too-long = Ein Besuch hat höchstens acht Termine.
error-segments-malformed = Zwei dieser Termine überschneiden sich.
integrity-visit-broken = Ein Besuch hat zwei oder mehr Termine, von 1 an gezählt, alle von seiner Patientin oder seinem Patienten.
part-of-visit = Teil eines Besuchs
part-of-visit-text = Sie haben diese Termine zusammen gebucht. Jeder kann für sich geändert oder abgesagt werden.
cancel-visit = Ganzen Besuch absagen
cancel-visit-intro = Oder sagen Sie alles ab, was von diesem Besuch noch übrig ist:
add-part = Weiteren Termin hinzufügen
add-part-text = Brauchen Sie am selben Tag noch einen Termin, etwa eine Blutabnahme? Buchen Sie beide zusammen oder keinen.
add-part-choose = Ihre Zeit ist reserviert. Wählen Sie den Termin, der dazugehört.
to-check = Zurück zu Ihrer Auswahl
check-visit-text = Diese Termine werden zusammen gebucht: alle oder keiner.
book-visit = Diese { $count } Termine buchen
drop-part = Diesen entfernen
part-ended = Diese Zeit ist nicht mehr für Sie reserviert. Entfernen Sie sie, und wählen Sie eine andere.
