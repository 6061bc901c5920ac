# Ratings.
rating-rate = Besuch bewerten
rating-title = Wie war Ihr Besuch?
rating-question = Wie zufrieden waren Sie mit Ihrem Besuch bei { $doctor }?
rating-score-5 = sehr gut
rating-score-4 = gut
rating-score-3 = in Ordnung
rating-score-2 = nicht gut
rating-score-1 = schlecht
rating-comment = Möchten Sie mehr dazu sagen?
rating-comment-hint = Ihre Ärztin oder Ihr Arzt kann es lesen. Andere sehen nur den Durchschnitt aller Bewertungen.
rating-send = Bewertung senden
rating-thanks = Danke für Ihre Bewertung.
rating-yours = Ihre Bewertung
rating-of-patient = So wurde der Besuch bewertet
rating-given = { $stars } von 5
rating-typed = Was Sie eben eingegeben haben, wurde nicht gespeichert:
rating-average = { $count ->
    [one] Mit { $average } von 5 bewertet, eine Bewertung
   *[other] Mit { $average } von 5 bewertet, { $count } Bewertungen
}

# Errors.
error-rating-exists = Sie haben diesen Besuch bereits bewertet.
error-score-missing = Wählen Sie 1 bis 5.
error-score-too-long = Wählen Sie 1 bis 5.
error-score-malformed = Wählen Sie 1 bis 5.
error-comment-missing = Geben Sie einen Kommentar ein.
error-comment-too-long = Bitte höchstens 500 Zeichen.
error-comment-malformed = Geben Sie einen Kommentar ein.
