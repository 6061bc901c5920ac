# Was Programmen gesagt wird.
api-found = Bitte sehr.
api-code-sent = Wenn diese Telefonnummer Nachrichten empfangen kann, ist ein Code unterwegs.
api-signed-in = Angemeldet.
api-signed-out = Abgemeldet. Das Token gilt nicht mehr.
api-requested = Angefragt. Die Zeit ist reserviert; die Praxis antwortet.
api-booked = Gebucht.
api-held = Reserviert.
api-released = Freigegeben. Die Zeit ist wieder frei.
api-checked = Geprüft.
api-changed = Geändert.
api-moved = Verschoben.
api-prescribed = Verordnet.
api-prescription-checked = Das würde geschrieben. Noch ist nichts geschrieben.
api-prescription-withdrawn = Zurückgezogen. Das Rezept ist ungültig.
api-rated = Bewertet.
api-message-sent = Die Nachricht ist gesendet.
api-consultation-seen = Vermerkt.
api-missing = { $field } fehlt.
api-malformed = { $field } ist nicht gültig.
api-unknown = { $field } ist hier nicht bekannt.
api-too-large = Die Anfrage ist zu groß.
api-media-type = Senden Sie die Anfrage als application/json.
api-method = Diese Adresse kennt diese Methode nicht.
api-not-found = Diesen Aufruf gibt es nicht.
error-invalid-date-range = Wählen Sie einen Zeitraum, der vor seinem Ende beginnt, von höchstens 62 Tagen.

# Kalender.
api-calendar-made = Erstellt. Wer diese Adresse hat, kann den Kalender lesen; sie wird nur jetzt genannt.
api-calendar-revoked = Widerrufen. Die Adresse führt nirgendwo mehr hin.

# Schedules and the organisation.
api-plan-added = Hinzugefügt.
api-plan-removed = Entfernt.
api-plan-preview = Das käme dabei heraus. Nichts wurde geändert.
api-day-cancelled = Der Tag ist abgesagt, die Patienten werden benachrichtigt.
api-organisation-added = Hinzugefügt.
api-imported = Importiert. Der Bericht sagt, was aus jeder Zeile wurde.
api-import-checked = Das käme dabei heraus. Niemand wurde hinzugefügt.

# Token.
api-token-made = Ausgestellt. Heben Sie das Token auf: Es steht nur in dieser Antwort.
api-token-told = Es wurde schon ausgestellt, durch dieselbe Anfrage. Das Token wurde damals mitgeteilt und wird es nicht noch einmal.
api-token-revoked = Widerrufen. Das Token gilt nicht mehr.
api-scope = Dieses Token erlaubt das nicht: Es bräuchte { $scope }.
api-scope-everything = Dieses Token erlaubt das nicht: Es müsste alles erlauben.
api-scope-sign-in = Ein Token, das für ein Programm ausgestellt wurde, erlaubt das nicht: Melden Sie sich an.
api-too-long = { $field } ist zu lang.
api-too-often = Das war zu oft. Warten Sie so lange, wie Retry-After sagt.
api-common = { $field } ist leicht zu erraten.
api-abroad = { $field } gehört zu einem Land, in das keine Codes gesendet werden.
api-factor-asked = Das Passwort stimmt. Antworten Sie nun mit einem Code des zweiten Faktors.
api-waitlist-joined = Auf der Warteliste.
api-waitlist-left = Von der Warteliste gelöscht.
api-offer-accepted = Das Angebot ist angenommen.
api-offer-declined = Das Angebot ist abgelehnt.
api-offer-made = Der Termin ist angeboten.
api-webhook-made = Angelegt. Bewahren Sie das Geheimnis auf: Es steht nur in dieser Antwort.
api-webhook-told = Schon angelegt. Das Geheimnis wurde damals mitgeteilt.
api-webhook-deleted = Gelöscht. Es wird nichts mehr gesendet.
api-webhook-posted = Es wird jetzt gesendet.
api-copy-asked = Ihre Kopie wird erstellt.
api-erasure-requested = Ihr Datensatz ist geschlossen und wird gelöscht.
api-payment-begun = Auf dieser Seite wird bezahlt; der Termin bleibt reserviert, bis sie endet.
api-payment-taken = Die Zahlung wurde angenommen.
