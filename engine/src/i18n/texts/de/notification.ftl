# Nachrichten aufs Telefon und per E-Mail. Eine SMS hat 160 Zeichen, und nur 70, wenn eines davon ungewöhnlich ist, etwa ein
# typografisches Anführungszeichen.
message-code-subject = Ihr Code
message-email = Jemand, wahrscheinlich Sie, möchte an dieser Adresse von Terminen hören. Wenn Sie es waren, bestätigen Sie sie bitte.
message-email-subject = Ist das Ihre Adresse?
message-link-email = Es ist meine Adresse
message-test = Dies ist ein Test. Nachrichten Ihrer Praxis erreichen Sie hier.
message-test-subject = Ein Test
message-requested = Ihre Anfrage ist da: { $when }, { $place }. { $reference }. Die Praxis antwortet Ihnen.
message-requested-subject = Ihre Anfrage für { $when }
message-requested-next = Die Zeit ist für Sie frei gehalten, bis die Praxis geantwortet hat. Dann hören Sie sofort von uns.
message-confirmed = Ihr Termin ist bestätigt: { $when }, { $place }. { $reference }
message-confirmed-subject = Bestätigt: { $when }
message-moved = Ihr Termin ist verschoben. Neu: { $when }, { $place }. { $reference }
message-moved-subject = Verschoben auf { $when }
message-request-moved = Ihre Anfrage ist verschoben. Neu: { $when }, { $place }. { $reference }. Die Praxis antwortet Ihnen.
message-coming-next = Wenn Sie nicht kommen können, sagen Sie bitte früh ab oder verschieben Sie den Termin: andere warten. Telefon: { $phone }.
message-declined = Die Praxis kann Ihnen { $when } nicht geben. { $reference }. Bitte wählen Sie eine andere Zeit.
message-declined-subject = Nicht möglich: { $when }
message-cancelled-by-clinic = Die Praxis musste Ihren Termin absagen: { $when }. { $reference }. Bitte wählen Sie eine andere Zeit.
message-cancelled-by-patient = Sie haben Ihren Termin abgesagt: { $when }. { $reference }
message-cancelled-subject = Abgesagt: { $when }
message-reason = Die Praxis hat einen Grund genannt. Sie lesen ihn auf der Seite des Termins.
message-expired = Die Praxis hat Ihre Anfrage nicht rechtzeitig beantwortet: { $when }. { $reference }. Bitte wählen Sie eine andere Zeit.
message-expired-subject = Keine Antwort: { $when }
message-again-next = Andere Zeiten stehen auf unserer Seite. Wenn Sie Hilfe brauchen, rufen Sie an: { $phone }.
message-reminder = Erinnerung: { $when }, { $place }. { $reference }
message-reminder-subject = Ihr Termin: { $when }
message-prescription = Ein Dokument zu Ihrem Termin { $reference } liegt bereit.
message-prescription-subject = Ein Dokument liegt bereit
message-rating = Wie war Ihr Termin { $reference }? Sagen Sie es uns bitte.
message-rating-subject = Wie war es?
message-page-next = Sie finden es auf unserer Seite, wenn Sie sich anmelden. Bei Fragen rufen Sie an: { $phone }.
message-link-appointment = Zusagen, absagen oder verschieben
message-link-again = Eine andere Zeit finden
message-link-page = Zum Termin
message-link-day = Zu Ihrem Tag
message-day = { $date }: { $count } { $count ->
        [one] Termin
       *[other] Termine
    }, von { $first } bis { $last }.
message-day-requests = { $count ->
        [one] Eine Anfrage wartet
       *[other] { $count } Anfragen warten
    } auf Ihre Antwort.
message-day-subject = Ihr Tag: { $date }

# Wohin die Links in Nachrichten führen.
link-title = Ihr Termin
link-come = Ich komme
link-coming = Sie haben zugesagt.
link-done-come = Danke: Die Praxis weiß, dass Sie kommen.
link-done-cancel = Ihr Termin ist abgesagt.
link-done-move = Ihr Termin ist verschoben.
says-coming = Hat zugesagt
unsubscribe-title = Keine Erinnerungen mehr
unsubscribe-intro = Sie bekommen keine Erinnerungen an Termine mehr. Bestätigungen, Änderungen und Absagen erreichen Sie weiter.
unsubscribe = Keine Erinnerungen schicken
unsubscribe-done = Sie bekommen keine Erinnerungen mehr.

# Die Seite für Admins.
nav-messages = Nachrichten
no-sender-title = Nachrichten gehen nicht hinaus
no-sender-text = Es gibt kein Gateway zu Telefonen: Patienten bekommen keine Codes und können sich nicht anmelden.
messages-admin-title = Nachrichten
messages-admin-intro = Was hinausging, was wartet und was aufgegeben wurde. Codes werden nach dem Senden gelöscht. Zeiten in UTC.
messages-list = Alle Nachrichten
messages-none = Keine Nachrichten
messages-sums = Die letzten 14 Tage
messages-sent-by-day = Gesendet nach Tagen
messages-failed-by-day = Aufgegeben nach Tagen
messages-kind = Worüber
messages-state = Stand
messages-to = An
messages-text = Text
messages-all = Alle
messages-again = Noch einmal senden
messages-again-done = Sie geht noch einmal hinaus, wenn sie noch stimmt.
messages-of-patient = Alle an diese Person
messages-test = Test senden
messages-test-to = Telefonnummer oder E-Mail-Adresse
messages-test-hint = Sie sehen sofort, ob der Anbieter ihn annimmt. Er kann so viel kosten wie jede andere Nachricht.
messages-test-sent = Der Anbieter hat den Test angenommen.
messages-test-failed = Der Test wurde nicht gesendet
messages-test-no-sender = Dafür gibt es keinen Sender. Die Anleitung zu Nachrichten sagt, wie man einen einrichtet.
kind-code = Code zum Anmelden
kind-account = Konto der Praxis
kind-confirm-email = Adresse zu bestätigen
kind-test = Test
kind-requested = Anfrage eingegangen
kind-confirmed = Bestätigt
kind-declined = Abgelehnt
kind-moved = Verschoben
kind-cancelled = Abgesagt
kind-day-cancelled = Tag abgesagt
kind-expired = Anfrage verfallen
kind-reminder-week = Erinnerung, eine Woche vorher
kind-reminder-day = Erinnerung, einen Tag vorher
kind-prescription-ready = Rezept liegt bereit
kind-rating-asked = Um Bewertung gebeten
kind-doctors-day = Tag eines Arztes
state-due = Wartet
state-waiting = Wartet
state-planned = Geplant
state-claimed = Wird gesendet
state-sent = Gesendet
state-delivered = Angekommen
state-failed = Aufgegeben
state-suppressed = Nicht gesagt
trouble-too-late = Ihre Zeit war vorbei, bevor sie gesendet werden konnte.
trouble-no-longer-true = Was sie sagt, stimmt nicht mehr.
trouble-opted-out = Der Empfänger will solche Nachrichten nicht.
trouble-no-such-recipient = Der Anbieter sagt, dass es den Empfänger nicht gibt.
trouble-unreachable = Der Anbieter war nicht zu erreichen.
trouble-unsure = Der Anbieter hatte sie und antwortete nicht: Sie kann angekommen sein.
trouble-refused-for-now = Der Anbieter konnte sie da nicht annehmen.
trouble-refused = Der Anbieter hat sie abgelehnt.
trouble-account-refused = Der Anbieter hat das Konto abgelehnt: falsches Passwort, falscher Schlüssel oder kein Guthaben.
trouble-undelivered = Der Anbieter konnte sie nicht zustellen.
trouble-recipient-cap = Zu viele gingen an einem Tag an diesen Empfänger.
trouble-day-cap = Zu viele gingen an einem Tag hinaus.
trouble-country = In dieses Land werden keine Nachrichten gesendet.
trouble-no-template = Das Gateway hat dafür keine genehmigte Vorlage.
trouble-internal = Janji selbst hat einen Fehler.

# Wie Patienten hören möchten.
contact-title = Wie wir Sie erreichen
contact-link = Wie wir Sie erreichen
contact-intro = Von Änderungen Ihrer Termine hören Sie sofort. Wählen Sie, wie.
contact-phone = Ihr Telefon
contact-email = E-Mail-Adresse
contact-email-hint = Dann bekommen Sie E-Mails, die Ihr Kalender versteht, statt SMS. Wir schicken zuerst einen Link dorthin. Leer lassen für SMS.
contact-no-email = Die Praxis schickt Nachrichten auf Ihr Telefon.
contact-language = Sprache der Nachrichten
contact-language-last = Wie bei der letzten Anmeldung
contact-reminders = An Termine erinnern
contact-save = Speichern
contact-saved = Gespeichert.
contact-asked = Gespeichert. Wir haben einen Link an Ihre Adresse geschickt: Öffnen Sie ihn innerhalb eines Tages.
contact-confirmed = Diese Adresse ist bestätigt.
contact-unconfirmed = Diese Adresse ist noch nicht bestätigt: Öffnen Sie den Link in unserer Mail. Noch einmal speichern schickt ihn noch einmal.
email-title = Ist das Ihre Adresse?
email-intro = Nachrichten über Ihre Termine gehen an diese E-Mail-Adresse.
email-confirm = Es ist meine Adresse
email-done = Danke: Die Adresse ist bestätigt.
error-email-unknown = Diese Praxis verschickt noch keine E-Mails; eine Adresse nützt hier noch nichts.
