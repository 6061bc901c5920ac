# A patient's appointments.
mine-empty-title = Noch keine Termine
mine-empty-text = Sobald Sie einen Termin buchen, erscheint er hier.
coming = Anstehend
past = Vergangen
nothing-coming = Es steht kein Termin an.
book-another = Neuer Termin
reschedule = Termin verschieben
cancel = Absagen
done-requested = Ihre Anfrage ist eingegangen
done-confirmed = Ihr Termin ist bestätigt
done-answer = { $doctor } antwortet bis { $until } Uhr. Bis dahin bleibt der Termin für Sie reserviert.
done-in-person = Kommen Sie fünf Minuten früher in die Praxis und bringen Sie Ihre Gesundheitskarte mit.
done-video = Öffnen Sie diese Seite zur Terminzeit an einem ruhigen Ort.
done-text = Zur Terminzeit schreibt Ihnen die Ärztin oder der Arzt.
done-call = Falls etwas dazwischenkommt: Verschieben Sie den Termin hier, sagen Sie ihn ab oder rufen Sie { $phone } an.
what-happens-next = Wie es weitergeht
your-reference = Ihre Buchungsnummer
view-appointment = Termin ansehen
moved = Ihr Termin wurde verschoben.
cancelled-now = Ihr Termin ist abgesagt. Die Zeit ist wieder frei.
visit-cancelled-now = Ihr Besuch ist abgesagt: alles, was davon übrig war.
book-again = Erneut buchen
too-late = Online lässt sich das nicht mehr ändern. Bitte rufen Sie { $phone } an.
cancel-title = Diesen Termin absagen?
cancel-intro = Die Zeit ist dann sofort für andere frei.
cancel-reason = Möchten Sie uns sagen, warum?
cancel-now = Termin absagen
keep-it = Termin behalten
reschedule-title = Anderen Termin wählen
reschedule-intro = Ihr Termin: { $when } Uhr. Er bleibt Ihnen, bis Sie einen anderen wählen.
move-check-title = Diesen Termin verschieben?
move-from = Bisher
move-to = Neu
move-check-text = Bis Sie ihn verschieben, behalten Sie Ihre Zeit.
move-do = Auf diese Zeit verschieben
print = Drucken
clinic-says = Die Praxis schreibt

# Where an appointment is in its life, for patients and staff alike.
status-held = Reserviert
status-pending = Antwort steht aus
status-confirmed = Bestätigt
status-in-progress = Läuft
status-completed = Abgeschlossen
status-cancelled = Abgesagt
status-rejected = Abgelehnt
status-expired = Abgelaufen
status-no-show = Nicht erschienen

# Actions on an appointment.
do-confirmed = Bestätigen
do-in-progress = Beginnen
do-completed = Abschließen
do-rejected = Ablehnen
do-cancelled = Absagen
do-no-show = Nicht erschienen
more = Mehr
open = Öffnen

# Notices after an action, one line each.
history = Verlauf
event-held = Zeit gewählt
event-pending = Angefragt
event-booked = Gebucht
event-confirmed = Bestätigt
event-in-progress = Begonnen
event-completed = Abgeschlossen
event-cancelled = Abgesagt
event-rejected = Abgelehnt
event-expired = Ohne Antwort abgelaufen
event-hold-expired = Reservierung abgelaufen
event-let-go = Für eine andere Zeit freigegeben
event-no-show = Nicht erschienen
event-moved = Verschoben
event-from-to = von { $from } auf { $to }
event-by = von { $who }
event-by-for-doctor = von { $who }, stellvertretend für die Ärztin oder den Arzt

# Somebody else was faster. "who" is the subject of the sentence, with its auxiliary verb where the language has one.
happened-you = Sie haben
happened-patient = Die Patientin oder der Patient hat
happened-clinic = Die Praxis hat
happened-named = { $name } hat
happened-at = um { $time } Uhr
happened-on = am { $date } um { $time } Uhr
happened-held = { $who } diese Zeit { $when } gewählt
happened-pending = { $who } diesen Termin { $when } angefragt
happened-booked = { $who } diesen Termin { $when } gebucht
happened-moved = { $who } diesen Termin { $when } verschoben
happened-confirmed = { $who } diesen Termin { $when } bestätigt
happened-in-progress = { $who } diesen Termin { $when } begonnen
happened-completed = { $who } diesen Termin { $when } abgeschlossen
happened-cancelled = { $who } diesen Termin { $when } abgesagt
happened-rejected = { $who } diesen Termin { $when } abgelehnt
happened-expired = Diese Anfrage ist { $when } ohne Antwort abgelaufen
happened-hold-expired = Die Reservierung ist { $when } abgelaufen
happened-no-show = { $who } { $when } vermerkt, dass niemand erschienen ist
happened-plain = { $what }.
happened-meanwhile = { $what }, während Sie die Seite geöffnet hatten.
happened-too-late = Online lässt sich dieser Termin nicht mehr ändern.
happened-not-started = Dieser Termin hat noch nicht begonnen, also hat ihn auch niemand versäumt.
happened-not-possible = So lässt sich dieser Termin gerade nicht ändern.
happened-call = Bitte rufen Sie an: { $clinic },
happened-not-made = Ihre Änderung wurde nicht übernommen. Stand jetzt:
happened-already = Das wollten Sie auch erreichen. Stand jetzt:
happened-try-again = Noch einmal versuchen: { $step }
happened-view = Termin ansehen
happened-leave = So lassen

# An appointment, for staff.
no-patient-name = Noch ohne Namen
facts = Angaben
fact-patient = Patientin oder Patient
fact-reference = Buchungsnummer
fact-answer-until = Antwort bis
visit-at-clinic = in der Praxis
visit-by-video = per Video
visit-by-text = schriftlich
clinic-time = Ortszeit der Praxis ({ $zone })
changed-to = { $patient }, { $time } Uhr: { $status }
change-title = Status ändern
change-to = Neuer Status
change-do = Status ändern
change-none = Hier gibt es nichts mehr zu ändern.
change-reason = Grund
change-reason-hint = Die Patientin oder der Patient kann ihn lesen.
change-reason-hint-any = Beim Ablehnen und Absagen nötig. Die Patientin oder der Patient kann ihn lesen.
change-for-doctor = Stellvertretend für { $doctor }; das wird so vermerkt
change-frees = { $time } Uhr ist dann sofort wieder frei
reject-title = Diese Anfrage ablehnen
reject-text = Die Zeit ist dann sofort für andere frei.
cancel-visit-title = Diesen Termin absagen
cancel-visit-text = Die Zeit ist dann sofort für andere frei.

# The doctor's day.
today = Heute
today-days = Tag
today-summary = { $appointments ->
    [0] Keine Termine
    [one] Ein Termin
   *[other] { $appointments } Termine
}, { $requests ->
    [0] keine offenen Anfragen
    [one] eine offene Anfrage
   *[other] { $requests } offene Anfragen
}
today-many-zones = Alle Zeiten sind Ortszeit der jeweiligen Praxis; die Zeitzone steht daneben.
today-waiting = Warten auf Ihre Antwort
today-day = Tagesplan
today-empty-title = Heute ist nichts geplant
today-empty-title-other = An diesem Tag ist nichts geplant
today-next = Ihr nächster Termin: { $time } Uhr mit { $patient }.
today-no-next = Es stehen keine weiteren Termine an.
today-go-there = Zu diesem Tag
left-minutes = noch { $minutes } Min.
left-hours-minutes = noch { $hours } Std. { $minutes } Min.
left-hours = noch { $hours } Std.
left-days = noch { $days } Tage
waited-minutes = wartet seit { $minutes } Min.
waited-hours = wartet seit { $hours } Std.
waited-days = { $days ->
    [one] wartet seit einem Tag
   *[other] wartet seit { $days } Tagen
}
search-label = Name oder Buchungsnummer
search-title = Termin suchen
search-found = Gefunden
search-empty-title = Kein Termin gefunden
search-empty-text = Versuchen Sie es mit einem Teil des Namens, einer Telefonnummer oder einer Buchungsnummer wie K7QM-4D2P.

# The board.
board-title = Termine
board-intro = Alle Termine aller Praxen, jeweils zur Ortszeit der Praxis.
board-all = Alle
board-status = Status
board-filter = Termine filtern
board-doctor = Ärztin oder Arzt
board-all-doctors = Alle
board-clinic = Praxis
board-zone = Zeitzone
board-all-clinics = Alle Praxen
board-from = Von
board-until = Bis
board-do-filter = Filtern
board-empty-title = Kein Termin passt
board-empty-text = Wählen Sie andere Tage oder weniger Filter.
board-clear = Alle Termine zeigen
board-caption = { $count ->
    [one] Ein Termin
   *[other] { $count } Termine
}
board-more-than = { $count }+
board-caption-more = Mehr als { $count } Termine
board-caption-many = Es passen so viele Patienten, dass ihre Termine nicht gezählt werden. Geben Sie mehr vom Namen ein.
pages = Seiten
pages-earlier = Frühere
pages-later = Spätere
pages-newest = Neueste
pages-older = Ältere
column-time = Zeit
column-patient = Patientin oder Patient
column-doctor = Ärztin oder Arzt
column-visit = Besuch
column-status = Status
column-actions = Aktionen

# The list of doctors.
doctors-title = Ärztinnen und Ärzte
doctors-intro = Wer nicht aktiv ist, kann nicht gebucht werden. Vereinbarte Termine bleiben bestehen.
doctors-empty-title = Noch niemand eingetragen
doctors-empty-text = Sobald es Ärztinnen oder Ärzte gibt, sehen Sie hier, wer gebucht werden kann.
doctors-stale-title = Während Sie die Liste ansahen, hat jemand anderes hier etwas geändert.
doctors-stale-text = Ihre Änderung wurde nicht übernommen. Die Liste unten zeigt den Stand von jetzt.
doctor-active = Aktiv
doctor-inactive = Nicht aktiv
doctor-activate = Aktivieren
doctor-deactivate = Deaktivieren
doctor-activated = { $doctor } kann wieder gebucht werden.
doctor-deactivated = { $doctor } kann nicht mehr gebucht werden.
doctor-keeps = { $count ->
    [one] Ein anstehender Termin bleibt bestehen.
   *[other] { $count } anstehende Termine bleiben bestehen.
}
column-name = Name
column-email = E-Mail
column-clinics = Praxen
column-coming = Anstehende Termine
column-bookable = Buchungen

# Anfragen, die zurückgehalten werden.
overdue-title = Zurückgehaltene Anfragen
overdue-intro = Nach einem Ausfall oder in einer wiederhergestellten Kopie können sehr viele Anfragen zugleich fällig sein. Dann verfällt keine, bevor Sie entschieden haben. Beantwortet werden können sie inzwischen wie immer.
overdue-none-title = Nichts wird zurückgehalten
overdue-none-text = Anfragen verfallen wie immer, wenn niemand rechtzeitig antwortet.
overdue-held = { $count ->
    [one] Eine Anfrage wird zurückgehalten
   *[other] { $count } Anfragen werden zurückgehalten
}
overdue-since = Seit { $moment } UTC.
overdue-decide = Entscheiden, was aus ihnen wird
overdue-wait-title = Zeit zum Antworten geben
overdue-wait-text = Die Anfragen warten von jetzt an so lange auf eine Antwort, höchstens aber bis ihr Termin beginnen würde.
overdue-wait-hours = Zeit zum Antworten
overdue-hours = { $count ->
    [one] Eine Stunde
   *[other] { $count } Stunden
}
overdue-wait-do = Diese Zeit geben
overdue-expire-title = Verfallen lassen
overdue-expire-text = Die Anfragen verfallen innerhalb einer Stunde, ihre Zeiten sind wieder frei, und wer sie gestellt hat, erfährt es. Das lässt sich nicht zurücknehmen.
overdue-expire-do = Verfallen lassen
overdue-done-expire = Die Anfragen verfallen innerhalb einer Stunde.
overdue-done-wait = So lange ist jetzt Zeit für die Antworten.
overdue-done-late = Es wurde nichts mehr zurückgehalten. Vielleicht hat inzwischen jemand anders entschieden.

# Jemand ist da.
arrive-do = Eingetroffen
arrive-self = Ich bin da
arrival-waiting = Da, { $minutes } Min.
arrival-late = Verspätet
arrival-said = { $patient } ist da, Termin { $time }.
arrival-you = Wir wissen, dass Sie da sind. Bitte nehmen Sie Platz.
arrival-take-back = Doch nicht da
event-arrived = Eingetroffen
event-arrival-taken-back = Eintreffen zurückgenommen
happened-arrived = { $who } { $when } das Eintreffen vermerkt
happened-arrival-taken-back = { $who } { $when } das Eintreffen zurückgenommen

staff-move = Verschieben
move-elsewhere-title = Diese Zeit ist bei jemand anderem oder an einer anderen Klinik
move-elsewhere-text = Ein Termin wird auf eine andere Zeit bei derselben Ärztin oder demselben Arzt an derselben Klinik verschoben. Soll sich das ändern, buchen Sie die andere Zeit und sagen Sie diesen Termin ab.
move-elsewhere-book = Diese Zeit buchen
staff-moved = { $patient } ist verschoben auf { $when }.
# Mehrere Anfragen auf einmal.
several-confirm = Angekreuzte Anfragen bestätigen
several-hint = Kreuzen Sie die Anfragen in der Liste darüber an.
several-choose = Anfrage von { $patient } auswählen
several-confirmed = { $count ->
    [0] Keine Anfrage wurde bestätigt.
    [one] Eine Anfrage ist bestätigt.
   *[other] { $count } Anfragen sind bestätigt.
}
several-refused = { $count ->
    [one] Eine konnte nicht bestätigt werden:
   *[other] { $count } konnten nicht bestätigt werden:
}
error-chosen-missing = Kreuzen Sie mindestens eine Anfrage an.
error-chosen-too-many = Bestätigen Sie höchstens 100 Anfragen auf einmal.

# Was Ärzte füreinander notieren.
clinical-note = Ärztliche Notiz
clinical-notes = Ärztliche Notizen
clinical-note-label = Notiz
clinical-note-hint = Nur Ärzte, die mit dem Patienten zu tun haben, können sie lesen: nicht der Patient, nicht der Empfang, kein Admin. Jede Fassung bleibt erhalten.
clinical-note-save = Notiz speichern
clinical-note-saved = Die Notiz ist gespeichert.
clinical-note-versions = { $count ->
    [one] Eine Fassung
   *[other] { $count } Fassungen
}
clinical-note-taken-out = Herausgenommen
clinical-note-meanwhile = { $who } hat diese Notiz geändert, während Sie sie ansahen:
clinical-note-yours = Was Sie geschrieben haben, steht darunter und ist nicht gespeichert. Wenn Sie es speichern, tritt es an die Stelle davon; beide Fassungen bleiben erhalten.
error-clinical_note-too-long = Schreiben Sie eine kürzere Notiz, mit höchstens 5000 Zeichen.
today-here = Schon da, wer am längsten wartet zuerst
