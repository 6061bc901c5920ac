# Every page.
error = Fehler
footer = Janji hält, was es verspricht: Ein zugesagter Termin gehört Ihnen.
skip-to-content = Zum Inhalt springen
nav-main = Hauptmenü
nav-find = Termin finden
nav-appointments = Meine Termine
nav-today = Heute
nav-board = Termine
nav-day = Tageskalender
nav-doctors = Ärzteteam
find-my-booking = Meine Buchung finden
for-staff = Für das Team
signed-in = Angemeldet
sign-in = Anmelden
sign-out = Abmelden
language = Sprache
optional = (optional)
continue = Weiter
change = Ändern
to-start = Zur Startseite
there-is-a-problem = Es gibt ein Problem

# The demo.
demo = Demo
demo-ribbon = Demo: Hier ist nichts echt.
demo-messages-link = Nachrichten, die verschickt würden
messages-title = Nachrichten
messages-intro = In dieser Demo wird nichts verschickt. Was als SMS oder E-Mail hinausginge, steht hier, das Neueste zuerst.
messages-empty-title = Noch keine Nachrichten
messages-empty-text = Wenn sich jemand per Telefon anmeldet, erscheint der Code hier.

# Dates. Weekdays and months are shortened to their first three letters where there is little room.
date-long = { $weekday }, { $day }. { $month } { $year }
date-short = { $weekday }, { $day }. { $month }
zone-from = { $zone }, ab { $date } { $offset }
weekday-monday = Montag
weekday-tuesday = Dienstag
weekday-wednesday = Mittwoch
weekday-thursday = Donnerstag
weekday-friday = Freitag
weekday-saturday = Samstag
weekday-sunday = Sonntag
month-january = Januar
month-february = Februar
month-march = März
month-april = April
month-may = Mai
month-june = Juni
month-july = Juli
month-august = August
month-september = September
month-october = Oktober
month-november = November
month-december = Dezember

# Pages that cannot be shown.
not-found-title = Das haben wir nicht gefunden
not-found-text = Hier ist nichts, oder es ist nicht für Sie bestimmt.
forbidden-title = Mit diesem Konto nicht möglich
forbidden-text = Sie sind mit einem Konto angemeldet, das dazu nicht berechtigt ist.
refused-origin-title = Das kam von einer anderen Website
refused-origin-text = Zu Ihrer Sicherheit nehmen wir Formulare nur von unseren eigenen Seiten an. Öffnen Sie die Seite neu und versuchen Sie es noch einmal.
refused-method-title = So geht das nicht
refused-method-text = Diese Adresse versteht die Anfrage nicht. Gehen Sie zur Seite und benutzen Sie ihre Knöpfe.
refused-body-title = Das ist zu viel auf einmal
refused-body-text = Was gesendet wurde, ist zu groß, und nichts davon wurde verwendet. Gehen Sie zurück, dort steht Ihr Text noch, und senden Sie weniger.
refused-uri-title = Diese Adresse ist zu lang
refused-uri-text = Die Adresse ist länger, als wir lesen. Suchen Sie nach weniger Wörtern, oder öffnen Sie die Seite neu.
refused-media-title = Das können wir nicht lesen
refused-media-text = Was gesendet wurde, hat ein Format, das wir nicht lesen. Benutzen Sie das Formular auf der Seite.
refused-headers-title = Ihr Browser sendet zu viel
refused-headers-text = Die Anfrage sagt mehr über sich, als wir lesen. Löschen Sie die Cookies dieser Website und versuchen Sie es noch einmal.
unavailable-title = Wir können gerade nicht antworten
unavailable-text = Unsere Datenbank antwortet nicht. Bitte versuchen Sie es gleich noch einmal: Nichts geschieht doppelt.
internal-title = Bei uns ist etwas schiefgegangen
internal-text = Wir haben es vermerkt. Es wurde nichts geändert.

# Errors.
error-too-many-characters = { $count ->
    [one] Das ist ein Zeichen zu viel.
   *[other] Das sind { $count } Zeichen zu viel.
}
error-unauthenticated = Bitte melden Sie sich zuerst an.
error-rate-limited = Das war zu oft. Bitte warten Sie etwas, höchstens eine Viertelstunde, und versuchen Sie es dann noch einmal.
error-busy = Wir sind nicht rechtzeitig fertig geworden. Es wurde nichts gebucht oder geändert. Bitte versuchen Sie es noch einmal.
error-wrong-code = Dieser Code stimmt nicht oder gilt nicht mehr. Prüfen Sie ihn oder fordern Sie einen neuen an.
error-wrong-password = E-Mail-Adresse und Passwort passen nicht zusammen.
error-invalid-transition = Das ist bei diesem Termin nicht mehr möglich.
error-stale-version = Das hat inzwischen jemand anderes geändert.
error-slot-taken = Dieser Termin wurde gerade vergeben.
error-hold-expired = Ihre Reservierung ist abgelaufen, und jemand anderes hat den Termin gebucht.
error-patient-overlap = Sie haben zu dieser Zeit bereits einen Termin.
error-slot-closed = Die Praxis bietet diesen Termin nicht mehr an.
error-too-many-open = Sie haben schon so viele offene Anfragen oder Termine, wie möglich sind. Sagen Sie einen ab, den Sie nicht brauchen, oder rufen Sie die Praxis an.
error-phone-missing = Geben Sie Ihre Telefonnummer ein.
error-phone-too-long = Geben Sie eine kürzere Telefonnummer ein.
error-phone-malformed = Geben Sie eine Telefonnummer wie 0812 3456 7890 oder +62 812 3456 7890 ein.
error-code-missing = Geben Sie den Code aus der Nachricht ein.
error-code-too-long = Ein Code hat sechs Ziffern.
error-code-malformed = Ein Code hat sechs Ziffern.
error-name-missing = Geben Sie Ihren Namen ein.
error-name-too-long = Geben Sie einen kürzeren Namen mit höchstens 120 Zeichen ein.
error-name-malformed = Geben Sie Ihren Namen ein.
error-reason-missing = Geben Sie einen Grund an.
error-reason-too-long = Fassen Sie sich bitte in höchstens 500 Zeichen.
error-reason-malformed = Geben Sie einen Grund an.
error-email-missing = Geben Sie die E-Mail-Adresse ein.
error-email-too-long = Geben Sie eine kürzere E-Mail-Adresse ein.
error-email-malformed = Geben Sie eine E-Mail-Adresse wie name@praxis.example ein.
error-password-missing = Geben Sie Ihr Passwort ein.
error-password-too-long = Geben Sie ein kürzeres Passwort ein.
error-password-malformed = Geben Sie Ihr Passwort ein.
error-starts_at-missing = Wählen Sie einen Termin.
error-starts_at-too-long = Wählen Sie einen Termin.
error-starts_at-malformed = Dieser Termin lässt sich nicht wählen.
error-status-missing = Wählen Sie, was geschehen soll.
error-status-too-long = Wählen Sie, was geschehen soll.
error-status-malformed = Wählen Sie, was geschehen soll.
error-version-missing = Das Formular war unvollständig. Laden Sie die Seite neu.
error-version-too-long = Das Formular war unvollständig. Laden Sie die Seite neu.
error-version-malformed = Das Formular war unvollständig. Laden Sie die Seite neu.
error-body-missing = Das Formular war unvollständig. Laden Sie die Seite neu.
error-body-too-long = Das Formular war zu lang.
error-body-malformed = Das Formular war nicht lesbar. Laden Sie die Seite neu.

# Requests that come twice
error-idempotency-conflict = Das wurde schon einmal abgeschickt, mit anderem Inhalt. Sehen Sie nach, was daraus wurde, und beginnen Sie auf einer neuen Seite.
error-idempotency_key-missing = Der Schlüssel der Anfrage fehlt.
error-idempotency_key-too-long = Der Schlüssel der Anfrage ist zu lang: höchstens 200 Zeichen.
error-idempotency_key-malformed = Der Schlüssel der Anfrage muss aus druckbaren ASCII-Zeichen bestehen.
try-again = Noch einmal versuchen
