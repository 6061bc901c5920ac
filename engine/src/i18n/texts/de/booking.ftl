# Finding a doctor.
start-title = Buchen Sie Ihren Termin
start-intro = Wählen Sie, wann und bei wem. Während Sie den Rest ausfüllen, halten wir den Termin für Sie frei.
search-words = Name oder Fachgebiet
speciality = Fachgebiet
clinic = Praxis
spoken-language = Sprache
any = Alle
find = Suchen
more-filters = Praxis, Sprache, Fachgebiet
doctors-found = { $count ->
    [one] Eine Ärztin oder ein Arzt
   *[other] { $count } Ärztinnen und Ärzte
}
not-open-title = Hier kann noch nichts gebucht werden
not-open-text = Diese Praxis richtet ihren Kalender noch ein. Bitte kommen Sie später wieder.
no-doctors-title = Niemand passt zu Ihrer Suche
no-doctors-text = Versuchen Sie es mit weniger Wörtern oder einer anderen Praxis.
all-doctors = Alle Ärztinnen und Ärzte
next-free = Nächster freier Termin: { $day }, { $time } Uhr
nothing-free-soon = In den nächsten zwei Wochen nichts frei
choose-a-time = Termin wählen
language-en = Englisch
language-id = Indonesisch
language-de = Deutsch
language-jv = Javanisch
language-mi = Māori
language-fr = Französisch
language-zh = Chinesisch
language-nl = Niederländisch
language-tr = Türkisch
language-es = Spanisch

# Choosing a time.
times-title = Termine bei { $doctor }
what-to-book = Was möchten Sie buchen?
chosen-service = { $service }, { $clinic }
another-service = Leistung oder Praxis wechseln
another-clinic = Praxis wechseln
minutes = { $count ->
    [one] eine Minute
   *[other] { $count } Minuten
}
zone-note = Alle Zeiten sind Ortszeit der Praxis ({ $zone }).
times-left = { $free } von { $all } Terminen frei
morning = Vormittag
afternoon = Nachmittag
days = Tage
jump-to-day = Zu einem Tag
jump-from = Termine zeigen ab
jump-do = Zeigen
earlier-days = Frühere Tage
later-days = Spätere Tage
no-times-title = Keine freien Termine
no-times-text = Zurzeit ist alles vergeben. Versuchen Sie es mit einer anderen Leistung oder bei jemand anderem.
about-doctor = Über { $doctor }
our-clinics = So finden Sie uns
just-taken = gerade vergeben
just-taken-announcement = Gerade vergeben: { $time }.

# Steps.
steps = Schritte
step-time = Termin
step-details = Angaben
step-check = Prüfen
step-done = Fertig
other-time = Anderen Termin wählen
details-title = Ihre Angaben
reason-label = Grund des Besuchs
reason-hint = Ein paar Worte helfen bei der Vorbereitung. Nur die Praxis sieht sie.
no-reason = Keiner angegeben
holding = Der Termin um { $time } Uhr ist bis { $until } Uhr für Sie reserviert ({ $zone }).
hold-minutes-left = Noch { $minutes } Min.
hold-last-minute = Noch weniger als eine Minute.
hold-ran-out = Die Reservierung ist abgelaufen. Vielleicht ist der Termin noch frei: Machen Sie weiter, wir prüfen es.
keep-longer = Länger reservieren
unfinished-title = Ein Termin ist für Sie reserviert
unfinished-go-on = Diese Buchung fortsetzen
let-go-title = Sie haben einen anderen Termin gewählt
let-go-notice = Dieser Termin ist nicht mehr für Sie reserviert.
let-go-text = Wir reservieren einen Termin für Sie. Als Sie einen anderen wählten, vielleicht in einem anderen Tab, wurde dieser frei: { $time } Uhr. Es wurde nichts gebucht.
let-go-other = Jetzt für Sie reserviert: { $time } Uhr.
let-go-go-on = Damit weitermachen
let-go-again = Diesen Termin wieder reservieren
check-title = Prüfen und buchen
book-now = Termin buchen
doctor = Ärztin oder Arzt
service = Leistung
when = Wann
where = Wo
clinic-phone = Praxistelefon
where-video = Per Video ({ $clinic })
where-text = Schriftlich ({ $clinic })

# When two people want the same thing.
conflict-taken = Der Termin um { $time } Uhr wurde gerade vergeben.
conflict-hold-expired = Ihre Reservierung ist abgelaufen, und jemand anderes hat den Termin gebucht.
conflict-closed = Die Praxis bietet diesen Termin nicht mehr an.
conflict-overlap = Sie haben an diesem Tag bereits um { $time } Uhr einen Termin.
conflict-nothing-lost = Ihre Eingaben bleiben erhalten. Diese Termine sind jetzt frei:
all-times = Alle freien Termine
view-it = Diesen Termin ansehen
move-it-here = Jenen Termin auf diese Zeit verschieben
busy-then = Da haben Sie schon einen Termin
