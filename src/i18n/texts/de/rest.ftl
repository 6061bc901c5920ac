# Was Programmen gesagt wird.
api-found = Bitte sehr.
api-code-sent = Wenn diese Telefonnummer Nachrichten empfangen kann, ist ein Code unterwegs.
api-signed-in = Angemeldet.
api-signed-out = Abgemeldet. Das Token gilt nicht mehr.
api-requested = Angefragt. Die Zeit ist reserviert; die Praxis antwortet.
api-booked = Gebucht.
api-changed = Geändert.
api-moved = Verschoben.
api-prescribed = Verordnet.
api-rated = Bewertet.
api-missing = { $field } fehlt.
api-malformed = { $field } ist nicht gültig.
api-unknown = { $field } ist hier nicht bekannt.
api-too-large = Die Anfrage ist zu groß.
api-media-type = Senden Sie die Anfrage als application/json.
api-method = Diese Adresse kennt diese Methode nicht.
api-not-found = Diesen Aufruf gibt es nicht.
error-invalid-date-range = Wählen Sie einen Zeitraum, der vor seinem Ende beginnt, von höchstens 62 Tagen.

# Token.
api-token-made = Ausgestellt. Heben Sie das Token auf: Es steht nur in dieser Antwort.
api-token-told = Es wurde schon ausgestellt, durch dieselbe Anfrage. Das Token wurde damals mitgeteilt und wird es nicht noch einmal.
api-token-revoked = Widerrufen. Das Token gilt nicht mehr.
api-scope = Dieses Token erlaubt das nicht: Es bräuchte { $scope }.
api-scope-everything = Dieses Token erlaubt das nicht: Es müsste alles erlauben.
api-scope-sign-in = Ein Token, das für ein Programm ausgestellt wurde, erlaubt das nicht: Melden Sie sich an.
api-too-long = { $field } ist zu lang.
api-too-often = Das war zu oft. Warten Sie so lange, wie Retry-After sagt.
