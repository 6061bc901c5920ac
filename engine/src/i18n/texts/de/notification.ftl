# Nachrichten aufs Telefon und per E-Mail. Eine SMS hat 160 Zeichen, und nur 70, wenn eines davon ungewöhnlich ist, etwa ein
# typografisches Anführungszeichen.
message-code-subject = Ihr Code
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
