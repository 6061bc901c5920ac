# Kalender anderswo.
calendar-name = Termine
calendar-event = Termin
calendar-requested = { $what } (angefragt)
calendar-cancelled = { $what } (abgesagt)
calendar-reference = Buchungsnummer { $reference }

# Ihre Seite.
calendar-add = In meinen Kalender eintragen
calendar-link = Mit meinem Kalender abgleichen
calendar-title = Ihre Termine in Ihrem eigenen Kalender
calendar-intro = Der Kalender Ihres Telefons oder Computers kann Ihre Termine von hier anzeigen und bleibt dabei auf dem neuesten Stand. Dazu braucht er eine private Adresse.
calendar-make-title = Kalender-Link erstellen
calendar-make = Kalender-Link erstellen
calendar-new-title = Neue Adresse erstellen
calendar-new-hint = Die jetzige gilt dann sofort nicht mehr, und Ihr Kalender zeigt nichts Neues, bis er die neue hat.
calendar-make-new = Neue erstellen
calendar-what = Was soll zu sehen sein?
calendar-neutral = Nur, dass es einen Termin gibt
calendar-neutral-hint = Mit Uhrzeit und Straße. Wer Ihren Kalender sonst sieht, erfährt nicht, worum es geht.
calendar-detailed = Mit Einzelheiten
calendar-detailed-patient = Mit Leistung, Ärztin oder Arzt und Praxis. Wer die Adresse hat, kann sie lesen.
calendar-detailed-doctor = Mit dem Namen der Patientin oder des Patienten, Leistung und Praxis. Wer die Adresse hat, kann sie lesen.
calendar-made = Ihre Adresse ist fertig
calendar-once = Sie wird nur jetzt gezeigt: Kopieren Sie sie, oder öffnen Sie sie in Ihrem Kalender. Wer sie hat, kann Ihre Termine lesen; geben Sie sie also nicht weiter.
calendar-address = Adresse Ihres Kalenders
calendar-address-hint = Wählen Sie in Ihrem Kalender „Abonnieren“ oder „Per URL“, und fügen Sie sie dort ein.
calendar-subscribe = In der Kalender-App abonnieren
calendar-present = Ihre jetzige Adresse
calendar-made-at = Erstellt
calendar-used-at = Zuletzt abgerufen
calendar-unused = Noch nicht
calendar-told = Zeigt
calendar-is-neutral = Nur, dass es einen Termin gibt
calendar-is-detailed = Einzelheiten: Wer die Adresse hat, kann sie lesen
calendar-revoke-hint = Wenn jemand anderes sie haben könnte, widerrufen Sie sie. Ihr Kalender zeigt dann nichts Neues mehr.
calendar-revoke = Adresse widerrufen
calendar-revoked = Die Adresse ist widerrufen. Sie funktioniert nicht mehr.
