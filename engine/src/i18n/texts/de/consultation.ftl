# Sprechstunde per Nachricht und Video.
consultation = Sprechstunde
consultation-with = Sprechstunde mit { $name }
consultation-open = Sprechstunde öffnen
consultation-read = Sprechstunde lesen
consultation-opens = Ab { $when } können Sie einander schreiben.
consultation-opens-confirmed = Sie öffnet, sobald der Termin bestätigt ist.
consultation-is-open = Bis { $when } können Sie einander schreiben.
consultation-closed = Diese Sprechstunde ist geschlossen. Sie können sie weiterhin lesen.
consultation-none = Noch keine Nachrichten
consultation-messages = Nachrichten
consultation-you = Sie
consultation-sent = Gesendet
consultation-seen = Gesehen
consultation-message = Ihre Nachricht
consultation-message-hint = Nicht für Notfälle: Rufen Sie dann den Rettungsdienst.
consultation-send = Senden
consultation-reload = Neue Nachrichten ansehen
consultation-print = Zum Drucken dieser Seite verwenden Sie die Druckfunktion Ihres Browsers.
consultation-new-message = Neue Nachricht
consultation-news = Es gibt etwas Neues.
consultation-unread = { $count ->
    [one] Eine neue Nachricht
   *[other] { $count } neue Nachrichten
}
consultation-waiting = Neue Nachrichten
consultation-answer = Antworten
consultation-answer-whom = Antworten: { $name }
video-join = Zur Videosprechstunde
video-title = Videosprechstunde
video-opens = Ab { $when } können Sie teilnehmen.
video-opens-confirmed = Sie können teilnehmen, sobald der Termin bestätigt ist.
video-over = Die Zeit zur Teilnahme ist vorbei.
video-not-configured = Die Klinik hat keine Video-Links eingerichtet. Sie sagt Ihnen, wie Sie einander sehen: { $phone }.
video-note = Ab 15 Minuten vor Beginn können Sie teilnehmen. Der Link ist nur für Sie beide.

# Fehler.
error-consultation-closed = Hier können Sie jetzt nicht schreiben. Was Sie getippt haben, wurde nicht gesendet.
error-message-missing = Schreiben Sie eine Nachricht.
error-message-too-long = Schreiben Sie höchstens 4.000 Zeichen in eine Nachricht.
error-message-malformed = Schreiben Sie eine Nachricht.
error-message-too-many = Diese Sprechstunde hat so viele Nachrichten, wie sie haben kann. Bitte rufen Sie die Klinik an.
