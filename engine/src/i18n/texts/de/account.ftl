# Signing in.
sms-code = { $code } ist Ihr Janji-Code. Er gilt { $minutes } Minuten. Niemand aus der Praxis wird Sie je danach fragen.
sign-in-title = Mit dem Telefon anmelden
sign-in-intro = Damit Sie Ihre Termine sehen, verschieben oder absagen können, senden wir einen Code an Ihr Telefon.
sign-in-by-phone = Per Telefon anmelden
find-title = Meine Buchung finden
find-intro = Geben Sie die Telefonnummer ein, mit der Sie gebucht haben. Wir senden ihr einen Code, dann sehen Sie Ihre Buchung.
find-reference = Buchungsnummer, falls zur Hand
find-reference-hint = Etwa K7QM-4D2P. Dann öffnet sich gleich dieser Termin.
find-open = Termin öffnen
staff-question = Arbeiten Sie hier?
patient-question = Sind Sie Patientin oder Patient?
staff-sign-in = Anmeldung für das Team
staff-sign-in-intro = Für Ärztinnen, Ärzte, Empfang und Verwaltung.
email-label = E-Mail
password-label = Passwort
phone-label = Telefonnummer
phone-hint = Wir senden Ihnen einen Code per SMS. Das kostet Sie nichts.
send-code = Code senden
other-phone = Andere Telefonnummer verwenden
code-back = Zurück zu Ihren Angaben
code-title = Code eingeben
code-intro = Ein sechsstelliger Code ist unterwegs an { $phone }. Er gilt { $minutes } Minuten.
code-intro-no-sender = Diese Praxis kann zurzeit keine Nachrichten senden; an { $phone } kommt kein Code an: Bitte rufen Sie die Praxis an. Ein Code, den Sie haben, gilt { $minutes } Minuten.
code-demo = Dies ist eine Demo: Der Code wird nicht verschickt, sondern steht hier:
code-label = Code
send-again = Neuen Code senden
code-again = Ein neuer Code ist unterwegs an { $phone }. Der vorige gilt nicht mehr.
name-label = Ihr Name
name-hint = Ihr voller Name, wie auf der Gesundheitskarte.

# Token für Programme.
tokens-title = API-Zugang
tokens-for-programs = Für Programme
tokens-intro = Ein Programm, das für Sie handelt, etwa ein Kalender oder ein Skript, braucht ein Token von Ihnen. Geben Sie jedem Programm ein eigenes, das nicht mehr erlaubt als nötig; Sie können es jederzeit widerrufen.
tokens-how = Wie Programme es benutzen
tokens-list = Ihre Token
tokens-empty-title = Kein Programm handelt für Sie
tokens-empty-text = Wenn Sie ein Token ausstellen, finden Sie es hier.
tokens-sign-in = Anmeldung eines Programms
tokens-may = Erlaubt
tokens-made = Ausgestellt
tokens-last-used = Zuletzt benutzt
tokens-never = Nie
tokens-expires = Endet
tokens-new = Token ausstellen
tokens-name = Wofür ist es?
tokens-name-hint = Unter diesem Namen finden Sie es wieder, etwa „Kalender an der Wand“.
tokens-scopes = Was darf das Programm?
tokens-days = Für wie lange?
tokens-days-of = { $count ->
    [365] Ein Jahr
   *[other] { $count } Tage
}
tokens-make = Token ausstellen
tokens-revoke = Widerrufen
tokens-revoke-text = Das Programm wird sofort abgewiesen. Das lässt sich nicht rückgängig machen.
tokens-revoke-really = Jetzt widerrufen
tokens-told = Das Token von „{ $name }“
tokens-told-text = Kopieren Sie es jetzt und geben Sie es dem Programm: Es wird nur dieses eine Mal gezeigt. Wer es hat, kann in Ihrem Namen handeln.
tokens-token = Token
tokens-was-told = „{ $name }“ ist ausgestellt
tokens-was-told-text = Das Token wurde einmal gezeigt und kann nicht noch einmal gezeigt werden. Wenn Sie es nicht haben, widerrufen Sie es und stellen Sie ein neues aus.
tokens-revoked = Das Token ist widerrufen
tokens-revoked-text = Ein Programm, das es zeigt, wird ab jetzt abgewiesen.
scope-everything = Alles, was Sie dürfen
scope-read = Ansehen
scope-book = Buchen
scope-treat = Verordnen
scope-plan = Planen
scope-organise = Verwalten
scope-webhooks = Webhooks
scope-read-patient = Ihre Termine, Besuche und Verordnungen.
scope-read-doctor = Ihren Kalender, Ihre Patienten und Ihre Sprechzeiten.
scope-read-admin = Alles, was Sie sehen, auch alle Termine und Patienten.
scope-book-patient = Für Sie buchen, verschieben, absagen und bewerten.
scope-book-doctor = In Ihrem Kalender buchen, verschieben und absagen, Anfragen beantworten und Besuche durchführen.
scope-book-admin = Für alle buchen, verschieben, absagen und antworten sowie Patienten aufnehmen.
scope-treat-doctor = Verordnungen zu Ihren Besuchen schreiben.
scope-plan-doctor = Ihre Sprechzeiten, Ausnahmen und Abwesenheiten ändern.
scope-plan-admin = Sprechzeiten, Ausnahmen und Abwesenheiten ändern und Praxen schließen.
scope-organise-admin = Leistungen, Praxen und das Angebot des Ärzteteams ändern.
scope-webhooks-doctor = Anderen Programmen melden lassen, was mit Ihren Terminen geschieht.
scope-webhooks-admin = Anderen Programmen melden lassen, was mit Terminen geschieht, und alle Webhooks sehen.
error-token_name-missing = Sagen Sie, wofür das Token ist.
error-token_name-too-long = Wählen Sie einen kürzeren Namen mit höchstens 60 Zeichen.
error-scopes-missing = Wählen Sie mindestens eines, das das Programm darf.
error-scopes-malformed = Wählen Sie aus dem, was angeboten wird.
error-days-malformed = Wählen Sie, für wie lange, höchstens 366 Tage.
error-tokens-too-many = Sie haben so viele Token, wie Sie haben können. Widerrufen Sie zuerst eines.

# Forms whose session had ended.
session-ended-title = Sie sind abgemeldet
session-ended-text = Ihre Sitzung war zu Ende, bevor das Formular ankam; es ist nichts geschehen. Melden Sie sich an, und Sie kommen zum Formular mit Ihren Eingaben zurück.
unsent-title = Ihr Formular ist noch nicht abgeschickt
unsent-text = Sie waren abgemeldet. Hier sind Ihre Eingaben: Prüfen Sie sie, und schicken Sie sie noch einmal ab.
hold-gone-title = Diese Zeit wird nicht mehr für Sie gehalten
hold-gone-text = Es wurde nichts gebucht. Die gewählte Zeit ist vielleicht noch frei: Bitte wählen Sie noch einmal. Was Sie schon gebucht haben, steht unter Ihren Terminen.
error-cookies-missing = Ihr Browser nimmt keine Cookies an. Ohne sie können wir keine Zeit halten und Sie nicht wiedererkennen; darum wurde keine Zeit gehalten und kein Code geschickt. Bitte erlauben Sie Cookies für diese Seite und versuchen Sie es noch einmal.

# Guesses, and closed accounts.
error-sign-in-guarded = Für diese Telefonnummer wurden in den letzten Tagen zu viele falsche Codes eingegeben. Wo Sie sich noch nie angemeldet haben, genügt ein Code allein nicht: Bitte rufen Sie die Praxis an, sie kann Sie hereinlassen.
error-phone-abroad = An Nummern dieses Landes senden wir keine Codes. Bitte nehmen Sie eine andere Nummer oder rufen Sie die Praxis an.
error-phone-unknown = Niemand hat diese Nummer.
error-reference-missing = Geben Sie die Buchungsnummer ein.
error-reference-malformed = Eine Buchungsnummer hat acht Buchstaben und Ziffern, etwa K7QM-4D2P.
error-reference-unknown = Keiner Ihrer Termine hat diese Buchungsnummer.
phone-access-title = Anmelden mit dem Telefon
phone-access-text = Nach vielen falschen Codes kann sich ein Telefon an einem neuen Ort nicht anmelden: Lassen Sie es herein, wenn Sie wissen, wer anruft. Wessen Konto geschlossen ist, ist überall abgemeldet und kann sich nicht anmelden.
phone-access-phone = Telefonnummer der Patientin oder des Patienten
phone-access-let-in = Hereinlassen
phone-access-close = Konto schließen
phone-access-open = Konto öffnen

number-days-title = Nummern, die den Besitzer wechseln
number-days-text = Ein Anbieter gibt eine aufgegebene Nummer jemand anderem, der dann ihre Codes bekommt. Sagen Sie, wie viele Tage es gilt, dass Sie eine Nummer bestätigt haben: Danach öffnet ein Code allein nur, was in so vielen Tagen gebucht wurde. Auf der Seite der Person steht der Knopf, der den Rest öffnet.
number-days-label = Tage, die eine bestätigte Nummer gilt
number-days-hint = Leer heißt: Ein Code öffnet alles. 90 ist eine gute Wahl.
number-title = Telefonnummer
number-confirmed-by = Bestätigt von { $name }: { $when }.
number-confirmed-never = Nie bestätigt.
number-lapsed = Das gilt nicht mehr: Ein Code allein öffnet nur, was kürzlich gebucht wurde.
number-confirm-text = Bestätigen Sie sie, wenn Sie wissen, wer vor Ihnen steht und dass es deren Nummer ist.
number-confirm = Das ist die Nummer
number-confirmed-now = Die Nummer ist bestätigt: Ein Code öffnet wieder alles.
number-older-title = Ältere Termine werden nicht gezeigt
number-older-text = Wir haben länger nicht geprüft, ob diese Telefonnummer noch Ihre ist. Kommen Sie bitte an die Anmeldung oder rufen Sie die Praxis an: Sie wird sofort bestätigt.

# Die Namen eines Patienten und seiner Familie.
account-name = Namen
account-name-text = Mit diesen Namen ruft die Praxis Sie auf. Wer einen ändert, und wie er vorher war, wird festgehalten.
account-own-name = Ihr Name
account-relative-name = Name einer Person mit Ihrem Telefon
account-name-save = Namen speichern
account-name-done = Der Name ist gespeichert.
