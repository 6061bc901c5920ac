# Aufenthalte: Zimmer einer Klinik für Nächte.
rooms-title = Zimmer
rooms-link = Zimmer für Patienten und Begleitung
rooms-intro = Für Patienten, die über Nacht bleiben, und für Begleitpersonen. Sie sehen, was in jeder Nacht frei ist.
rooms-empty-title = Noch keine Zimmer
rooms-empty-text = Hier kann zurzeit kein Zimmer gebucht werden.
rooms-per-night = { $price } je Zimmer und Nacht
rooms-nights = Was frei ist
rooms-months = Monate
rooms-calendar-hint = Wählen Sie den Tag der Ankunft, dann den der Abreise. Die Nacht der Abreise zählt nicht mit.
rooms-full = voll
rooms-left = { $count } frei
rooms-from-day = Ankunft am { $date }: { $left }
rooms-until-day = Abreise am { $date }: { $left }
rooms-show = Preis anzeigen
rooms-price = Ihre Auswahl
rooms-sum = { $amount }, je { $price }: { $total }
rooms-hold = Diese Zimmer für mich freihalten
rooms-hold-hint = Wir halten die Zimmer { $minutes } Minuten frei, während Sie überlegen. Gebucht ist noch nichts.
room-type-payment-hint = Was gebucht ist, behält die Regeln, mit denen es gebucht wurde. Die Anmeldung bucht ohne Bezahlung.
room-type-deposit-hint = Für einen Aufenthalt, in der Währung des Preises. Nur bei einer Anzahlung; ein Aufenthalt, der weniger kostet, wird ganz bezahlt.
room-type-refund-hours-hint = In Stunden vor dem Beginn des Anreisetags: Wer bis dahin absagt oder Nächte aufgibt, bekommt dafür alles zurück. Was die Praxis absagt, wird immer ganz zurückgezahlt.
rooms-book = Zimmer buchen
rooms-sign-in = Anmelden und weiter
rooms-sign-in-text = Zum Buchen melden Sie sich mit Ihrer Telefonnummer an. Ihre Auswahl bleibt erhalten.
rooms-your-name = Ihr Name
rooms-no-patient = Öffnen Sie zuerst einen Patienten und wählen Sie dort „Zimmer buchen“.
rooms-nothing-lost = Von Ihren Eingaben geht nichts verloren. Wählen Sie etwas davon, oder ändern Sie unten Ihre Auswahl.
rooms-nothing-instead = In der Nähe ist nichts anderes frei. Wählen Sie im Kalender andere Tage.
rooms-range-title = Diese Tage können nicht gebucht werden
rooms-range-text = Wählen Sie eine Ankunft ab heute, eine spätere Abreise und höchstens 90 Nächte.

stays-title = Aufenthalte
stays-mine = Meine Aufenthalte
stays-none = Noch keine Aufenthalte.
stays-tonight = Heute Nacht
stays-free = Frei
stays-taken = Belegt
stays-total = Zimmer
stays-arrivals = Ankünfte
stays-departures = Abreisen
stays-here = Wer hier ist
stays-nobody = Niemand.

stay-title = Aufenthalt { $reference }
stay-check-title = Prüfen und buchen
stay-room-type = Zimmer
stay-clinic = Klinik
stay-arrival = Ankunft
stay-departure = Abreise
stay-amount = Wie viel
stay-total = Preis
stay-rooms-label = Zimmer
stay-range = Von { $arrival } bis { $departure }
stay-nights = { $count ->
    [one] 1 Nacht
   *[other] { $count } Nächte
}
stay-rooms = { $count } Zimmer
stay-status-held = Vorerst freigehalten
stay-status-booked = Gebucht
stay-status-arrived = Angekommen
stay-status-left = Abgereist
stay-status-cancelled = Storniert
stay-status-lapsed = Nicht gebucht
stay-holding = Wir halten diese Zimmer bis { $until } ({ $zone }) für Sie frei.
stay-ran-out = Die Zimmer werden nicht mehr für Sie freigehalten. Wenn sie noch frei sind, können Sie sie buchen.
stay-book = Diese Zimmer buchen
stay-book-again = Wieder Zimmer buchen
stay-other-nights = Andere Tage
stay-give-up = Nicht buchen
stay-booked-now = Gebucht: { $reference }
stay-booked-text = Bitte notieren Sie die Nummer. Bis zum Tag der Ankunft können Sie den Aufenthalt hier ändern oder stornieren.
stay-changed-now = { $reference } ist geändert.
stay-cancelled-now = { $reference } ist storniert.
stay-cancelled-text = Die Zimmer sind wieder frei.
stay-arrived-now = { $reference }: angekommen
stay-not-arrived-now = { $reference }: doch nicht hier
stay-left-now = { $reference }: abgereist
stay-arrived-do = Angekommen
stay-not-arrived-do = Doch nicht hier
stay-left-do = Abgereist
stay-change = Tage oder Zimmer ändern
stay-sign-in = Anmelden und ändern
stay-change-title = Tage oder Zimmer ändern
stay-change-text = Was Sie haben, bleibt Ihres, bis die neuen Tage sicher sind. Neue Nächte kosten den heutigen Preis.
stay-change-do = Aufenthalt ändern
stay-leave-it = So lassen
stay-cancel = Aufenthalt stornieren
stay-cancel-text = Die Zimmer sind sofort für andere frei.
stay-cancel-reason = Warum
stay-cancel-do = Stornieren
stay-changed-by = { $name } hat ihn geändert.
stay-look-again = Unten steht, wie es jetzt ist. Sehen Sie es sich an und versuchen Sie es noch einmal.

room-types-title = Zimmerarten
room-types-intro = Welche Zimmer es gibt, wie viele, und was eine Nacht kostet.
room-types-empty-title = Noch keine Zimmer
room-types-empty-text = Legen Sie die erste Zimmerart an, dann können Patienten buchen.
room-type-new = Neue Zimmerart
room-type-rooms = Zimmer
room-type-rooms-hint = Wie viele es jede Nacht gibt.
room-type-price = Preis einer Nacht
room-type-kept = Gebuchtes behält seinen Preis. Eine neue Anzahl gilt für alle kommenden Nächte ohne eigene Anzahl.
room-type-stale-by = { $name } hat sie am { $when } geändert.
room-nights-title = Andere Anzahl für einige Nächte
room-nights-text = Für Nächte mit weniger oder mehr Zimmern als sonst.
room-nights-from = Erste Nacht
room-nights-to = Letzte Nacht
room-nights-total-hint = Leer lassen für die übliche Anzahl.
room-nights-save = Für diese Nächte speichern
room-nights-saved = Die Nächte sind gespeichert.
room-night-taken = { $night }: { $taken } belegt

error-rooms-short = { $available ->
    [0] Für { $night } ist kein Zimmer mehr frei.
    [one] Für { $night } ist nur noch ein Zimmer frei.
   *[other] Für { $night } sind nur noch { $available } Zimmer frei.
}
error-rooms-taken = Zwischen { $first } und { $last } sind mehr als { $total } Zimmer belegt.
error-room-type-not-found = Diese Zimmer können nicht mehr gebucht werden.
error-stale-stay = Jemand hat diesen Aufenthalt geändert, während Sie ihn angesehen haben.
error-stay-transition = Das ist bei diesem Aufenthalt nicht mehr möglich.
error-rooms-missing = Geben Sie die Anzahl der Zimmer ein.
error-rooms-malformed = Geben Sie eine Anzahl von Zimmern ein.
error-rooms-too-many = Wählen Sie höchstens 20 Zimmer.
error-arrival-missing = Geben Sie den ersten Tag ein.
error-arrival-malformed = Geben Sie den ersten Tag als Datum ein.
error-departure-missing = Geben Sie den letzten Tag ein.
error-departure-malformed = Geben Sie den letzten Tag als Datum ein.
error-price-missing = Geben Sie einen Preis ein; 0, wenn es nichts kostet.
error-currency-taken = Die Währung bleibt, solange jemand diese Zimmer gebucht hat.

integrity-room-night-miscounted = Die belegten Zimmer einer Nacht sind die ihrer Aufenthalte, und nicht mehr, als es gibt
integrity-stay-nights-broken = Ein Aufenthalt hat genau die Nächte, Zimmer und den Preis, die er nennt, und keine nach seinem Ende
integrity-stay-history-broken = Die Geschichte eines Aufenthalts führt zu dem, was da ist
