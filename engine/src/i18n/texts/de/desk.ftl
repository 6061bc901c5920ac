# What staff do for patients who call or stand in front of them.
desk = Am Empfang
desk-book = Termin für jemanden buchen
find-anybody = Jemanden finden
find-anybody-hint = Name, Telefon, Buchungsnummer oder Geburtstag
find-anybody-do = Finden
find-anybody-found = Gefunden:
found-title = Gefunden
found-nobody = Niemand und nichts passt. Ein Teil eines Namens, einer Telefonnummer oder einer Buchungsnummer genügt.
found-more = Es gibt noch mehr. Geben Sie etwas mehr vom Namen oder von der Nummer ein.
desk-book-text = Suche über die Telefonnummer; bei neuen Patienten bitte auch den Namen angeben.
desk-phone = Telefonnummer der Patientin oder des Patienten
desk-phone-hint = Etwa 0812 3456 7890, oder mit Ländervorwahl.
desk-name = Name der Patientin oder des Patienten
desk-name-hint = Nur bei neuen Patienten, und wo sich mehrere ein Telefon teilen. Ein gespeicherter Name ändert sich nicht.
error-patient_name-missing = Geben Sie den Namen der Patientin oder des Patienten ein.
error-patient_name-malformed = Geben Sie den Namen der Patientin oder des Patienten ein.
error-patient_phone-missing = Geben Sie die Telefonnummer der Patientin oder des Patienten ein.
desk-somebody-else = Jemand anderes
desk-offer = Ärztin oder Arzt, und Leistung
desk-offer-choose = Bitte auswählen
desk-show-times = Zeiten zeigen
desk-check = Prüfen und für jemanden buchen
desk-reason-hint = In den Worten der Patientin oder des Patienten. Das Feld darf leer bleiben.
desk-walk-in = Ohne Termin
desk-walk-in-text = Bucht die erste Zeit, die heute frei ist.
desk-walk-in-do = Nächste freie Zeit buchen
desk-nothing-today = { $doctor } hat heute keine freie Zeit mehr.
desk-conflict-overlap = An diesem Tag gibt es für diese Person um { $time } Uhr bereits einen Termin.

# Giving a time that the doctor does not have.
overbooked = Eingeschoben
overbook-title = Termin einschieben
overbook-text = Für dringende Fälle: bucht eine Zeit, die vergeben ist oder außerhalb der Sprechzeiten liegt. Der andere Termin bleibt.
overbook-time = Uhrzeit
overbook-time-hint = Ortszeit der Praxis, etwa 09:20.
overbook-reason = Warum es nicht warten kann
overbook-reason-hint = Für den Verlauf des Termins. Die Patientin oder der Patient sieht es nicht.
overbook-do = Hier einschieben
overbook-out-of-range = Diese Zeit ist vorbei oder liegt zu weit in der Zukunft.
event-overbooked = Eingeschoben
desk-too-many-of-service = Der Patient hat schon so viele kommende Termine dieser Art, wie eine Person haben kann.
desk-too-many-in-week = Der Patient hat in dieser Woche schon so viele Termine dieser Art, wie eine Person haben kann.
desk-book-over-limit = Über die Grenze hinaus buchen
desk-overbook-over-limit = Über die Grenze hinaus einschieben
event-over-limit = Über die Grenze der Leistung hinaus
event-booked-for-patient = Für die Patientin oder den Patienten gebucht

# Taking hours out of a day.
block-title = Zeit sperren
block-text = Ab jetzt kann niemand diese Stunden buchen. Termine, die darin liegen, bleiben.
block-choose = Auswählen
block-of = Zeit von { $doctor }
block-from = Von
block-until = Bis
block-do = Diese Zeit sperren
block-saved = Gesperrt: { $day }, { $from } bis { $until }
block-kept = { $count ->
    [one] Ein Termin liegt in dieser Zeit und bleibt gebucht:
   *[other] { $count } Termine liegen in dieser Zeit und bleiben gebucht:
}
block-stale-text = Es wurde nichts gesperrt, und Ihre Eingaben stehen noch im Formular. Prüfen Sie sie, und sperren Sie die Zeit noch einmal.

# Who has read what of a patient.
reads-title = Wer Daten dieser Person gelesen hat
read-patient = hat die Person geöffnet
read-phone = hat die Telefonnummer eingegeben
read-appointment = hat einen Termin geöffnet
read-history = hat Besuche oder Rezepte geöffnet
read-list = hatte die Person in einer Liste

# Eine Patientin oder ein Patient, für die Verwaltung.
patient-given-title = Ärztinnen und Ärzte mit Zugang
patient-given-text = Wer von jemandem gebucht wurde, darf für diese Person buchen und ihre Daten lesen. Das dürfen auch alle, denen Sie die Person anvertrauen, bis Sie es zurücknehmen. Wer die Telefonnummer eintippt, darf es einen Tag lang.
patient-given-to-nobody = Niemand außer denen, die diese Person gebucht hat.
patient-given-by = Anvertraut von { $name }, { $since } (UTC).
patient-phone-typed = Hat die Telefonnummer eingetippt, { $since } (UTC).
patient-give-to = Anvertrauen an
patient-give = Anvertrauen
patient-take-back = Zurücknehmen
patient-saved = Gespeichert.
patient-open = Zugang zu dieser Person

# Der Tag einer Praxis und die Woche einer Ärztin oder eines Arztes.
sheet-day = Tageskalender
sheet-elsewhere = in einer anderen Klinik
sheet-week = Woche
sheet-week-of = { $doctor }, { $first } – { $last }, { $clinic }
sheet-nothing = Nichts geplant oder gebucht
sheet-now = Jetzt
sheet-filter = Praxis und Tag
sheet-date = Datum
sheet-show = Anzeigen
sheet-changed = Der Kalender wurde aktualisiert.
sheet-drag = Lassen Sie den Termin auf einer freien Zeit los. Sie werden gefragt, bevor etwas verschoben wird. Escape bricht ab.
sheet-csv = Tag als Tabelle (CSV)
sheet-week-csv = Woche als Tabelle (CSV)
sheet-print = Der Kalender lässt sich drucken.
sheet-free = frei
sheet-buffer = Puffer
sheet-break = Pause
sheet-absence = Abwesend
sheet-closure = Geschlossen
sheet-held = wird gerade gebucht
sheet-caption = Uhrzeiten in Zeilen. Pfeiltasten führen zwischen Terminen und freien Zeiten weiter.
sheet-expected = Da und erwartet
sheet-more = { $count } weitere stehen unten im Kalender.

# Records of patients.
error-records-overlap = Beide haben gleichzeitig einen Termin. Verschieben oder sagen Sie zuerst einen der beiden ab.
error-record-merged = Dieser Datensatz ist inzwischen Teil eines anderen.

# Die Karte eines Patienten.
card-title = Patient
card-email = E-Mail
card-email-unconfirmed = noch nicht bestätigt
card-language = Sprache
card-holder = Telefon von
card-sharing = Mit demselben Telefon
card-name = Name
card-birthday = Geburtstag
card-note = Notiz für den Empfang
card-note-hint = Nur Mitarbeitende lesen sie, nicht der Patient.
card-save = Speichern
card-stale = Inzwischen hat jemand diesen Patienten geändert
card-stale-text = Was Sie eingegeben haben, steht noch im Formular. Sehen Sie sich die Änderungen unten an und speichern Sie noch einmal.
card-coming = Kommende Termine
card-nothing-coming = Nichts ist gebucht.
card-book = Für diesen Patienten buchen
card-past = Vergangene Termine
card-missed = { $count ->
    [0] Immer gekommen
    [one] Einmal nicht gekommen
   *[other] { $count }-mal nicht gekommen
}
card-arrived = Angekommen um { $time }
card-changes = Was geändert wurde
card-changed-name = Name
card-changed-birthday = Geburtstag
card-changed-note = Notiz
card-changed-by-patient = der Patient
error-birthday-malformed = Schreiben Sie den Geburtstag als 1984-05-17. Er kann nicht in der Zukunft liegen.
error-desk_note-too-long = Die Notiz ist zu lang.

# Zwei Datensätze einer Person.
merge-section = Zwei Datensätze einer Person
merge-begin = Dieser Patient hat noch einen Datensatz
merge-choose-title = Welcher ist der andere Datensatz von { $patient }?
merge-choose-text = Wählen Sie den Datensatz, der in diesem aufgeht. Nichts geschieht, bevor Sie die beiden verglichen haben.
merge-alike = Gleicher Name oder gleiches Telefon
merge-search = Suchen
merge-search-label = Name oder Telefonnummer
merge-nobody = Niemand gefunden.
merge-title = Zwei Datensätze zusammenführen
merge-text = Vergleichen Sie erst. Der Datensatz, der geht, wird nicht mehr benutzt; was zu ihm gehört, wandert zu dem, der bleibt.
merge-other = Anderer Datensatz
merge-swap = Den anderen behalten
merge-stays = Bleibt
merge-goes = Geht
merge-nothing = nichts
merge-last = Zuletzt: { $when }
merge-since = Bekannt seit { $when }
merge-keep = Was behalten wird
merge-moves = Termine mit allem, was zu ihnen gehört, Besuche, Nachrichten und wer das Telefon teilt, wandern mit. Haben beide dieselbe Telefonnummer, wandern auch Sitzungen und Tokens mit. Haben sie zwei, enden die des Datensatzes, der geht, und die von beiden, wenn seine Nummer behalten wird. Die Notizen beider bleiben. Einen Tag lang lässt es sich zurücknehmen.
merge-do = Zu einem Datensatz machen
merge-done = { $count ->
    [0] Die beiden sind jetzt ein Datensatz.
    [one] Die beiden sind jetzt ein Datensatz. Ein Termin ist gewandert.
   *[other] Die beiden sind jetzt ein Datensatz. { $count } Termine sind gewandert.
}
merge-done-text = Unten lässt es sich einen Tag lang zurücknehmen.
merge-was-made = { $name } ging in diesem Datensatz auf: { $who }, { $when }
merge-was-undone = { $name } war in diesem Datensatz aufgegangen und ist es nicht mehr: { $who }, { $when }
merge-undo = Zurücknehmen
merge-undone = { $count ->
    [0] Es sind wieder zwei Datensätze.
    [one] Es sind wieder zwei Datensätze. Ein Termin ist zurückgewandert.
   *[other] Es sind wieder zwei Datensätze. { $count } Termine sind zurückgewandert.
}
merge-undone-since = { $count ->
    [one] Ein Termin kam seither dazu und bleibt hier. Verschieben Sie ihn von Hand, wenn er zum anderen gehört.
   *[other] { $count } Termine kamen seither dazu und bleiben hier. Verschieben Sie sie von Hand, wenn sie zum anderen gehören.
}
merge-undone-phone = Die Telefonnummer des anderen Datensatzes hat inzwischen jemand anderes, deshalb teilt er die dieses Datensatzes.
phones-merge = Die beiden Datensätze vergleichen
