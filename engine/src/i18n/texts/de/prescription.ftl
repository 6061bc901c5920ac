# Prescriptions.
prescription = Rezept
prescription-write = Rezept ausstellen
prescription-view = Rezept ansehen
prescription-do-write = Rezept ausstellen
prescription-done = Das Rezept ist ausgestellt. Die Patientin oder der Patient kann es sehen.
prescription-not-yet = Ein Rezept kann ausgestellt werden, sobald der Termin begonnen hat.
prescription-written = Es wurde am { $when } Uhr ausgestellt.
prescription-only-one = Zu jedem Termin gibt es nur eines, und was Sie eingegeben haben, gehört nicht dazu.
prescription-typed = Ihre Eingaben
prescription-more-rows = Weitere Zeilen
prescription-note = Hinweis für die Patientin oder den Patienten
prescription-note-hint = Er steht unter den Medikamenten.
prescription-date = Ausgestellt
prescription-signature = Unterschrift
prescription-print = Zum Ausdrucken verwenden Sie die Druckfunktion Ihres Browsers.
prescription-do-check = Rezept prüfen
prescription-check = Prüfen und unterschreiben
prescription-check-text = Das wird auf dem Rezept stehen. Vergleichen Sie es mit dem, was Sie meinten, und unterschreiben Sie es dann.
prescription-change = Ändern
prescription-void = Ungültig
prescription-withdrawn = Dieses Rezept wurde am { $when } Uhr zurückgezogen und ist ungültig. Der Grund:
prescription-void-view = Zurückgezogene Rezepte ansehen
prescription-withdraw = Dieses Rezept zurückziehen
prescription-withdraw-text = Ein Rezept wird nie geändert. Ziehen Sie es zurück, wenn es falsch ist, und stellen Sie es neu aus: Beide bleiben erhalten, und das alte wird als ungültig gedruckt.
prescription-withdraw-reason = Grund
prescription-withdraw-hint = Die Patientin oder der Patient kann ihn lesen.
prescription-do-withdraw = Zurückziehen
prescription-withdrawn-done = Das Rezept ist zurückgezogen.
prescription-write-anew = Unten können Sie es neu ausstellen. Es beginnt mit dem, was auf dem alten stand.
medications = Medikamente
medications-hint = Zum Beispiel: Amoxicillin, 500 mg, dreimal täglich, 7 Tage. Leere Zeilen zählen nicht.
medication-number = Medikament { $number }
medication-name = Medikament
medication-dose = Dosis
medication-frequency = Wie oft
medication-duration = Wie lange
medication-note = Hinweis

# What a doctor knows of a patient.
patient-history = Alle Termine dieser Person bei Ihnen
patient-visits = { $count ->
    [one] Ein Termin bei Ihnen
   *[other] { $count } Termine bei Ihnen
}

# Errors.
error-prescription-exists = Zu einem Termin gibt es nur ein Rezept. Ihre Eingaben wurden nicht gespeichert.
error-prescription-withdrawn = Dieses Rezept ist bereits ungültig: Es wurde zurückgezogen.
error-medications-missing = Geben Sie mindestens ein Medikament ein.
error-medications-too-long = Geben Sie höchstens 20 Medikamente ein.
error-medications-malformed = Geben Sie mindestens ein Medikament ein.
error-medication_name-missing = Geben Sie den Namen des Medikaments ein.
error-medication_name-too-long = Geben Sie einen kürzeren Namen mit höchstens 120 Zeichen ein.
error-medication_name-malformed = Geben Sie den Namen des Medikaments ein.
error-dose-missing = Geben Sie die Dosis ein.
error-dose-too-long = Beschreiben Sie die Dosis in höchstens 80 Zeichen.
error-dose-malformed = Geben Sie die Dosis ein.
error-frequency-missing = Geben Sie ein, wie oft es einzunehmen ist.
error-frequency-too-long = Beschreiben Sie in höchstens 80 Zeichen, wie oft.
error-frequency-malformed = Geben Sie ein, wie oft es einzunehmen ist.
error-duration-missing = Geben Sie ein, wie lange es einzunehmen ist.
error-duration-too-long = Beschreiben Sie in höchstens 80 Zeichen, wie lange.
error-duration-malformed = Geben Sie ein, wie lange es einzunehmen ist.
error-medication_note-missing = Geben Sie einen Hinweis ein.
error-medication_note-too-long = Geben Sie einen kürzeren Hinweis mit höchstens 500 Zeichen ein.
error-medication_note-malformed = Geben Sie einen Hinweis ein.
error-note-missing = Geben Sie einen Hinweis ein.
error-note-too-long = Geben Sie einen kürzeren Hinweis mit höchstens 500 Zeichen ein.
error-note-malformed = Geben Sie einen Hinweis ein.

# Vorlagen, und was zuletzt verordnet wurde.
prescription-quick = Ohne es neu zu schreiben
prescription-quick-hint = Fügt den Zeilen oben Medikamente hinzu. Was Sie geschrieben haben, bleibt.
prescription-repeat = Meine letzte Verordnung wiederholen
prescription-added = Die Medikamente stehen in den Zeilen unten.
prescription-added-text = Noch ist nichts verordnet. Prüfen Sie jedes für diesen Patienten.
templates-title = Meine Vorlagen
templates-intro = Rezepte, die Sie oft schreiben. Eine Änderung der Vorlage ändert kein Rezept.
templates-empty-title = Noch keine Vorlagen
templates-empty-text = Legen Sie eine hier an, oder aus einem Rezept, das Sie geschrieben haben.
template-new = Neue Vorlage
template-use = Vorlage verwenden
template-name = Name der Vorlage
template-name-hint = Zum Beispiel: Sinusitis, Erwachsene. Nur Sie sehen ihn.
template-save = Vorlage speichern
template-saved = Die Vorlage ist gespeichert.
template-delete = Löschen
template-from-prescription = Vorlage daraus machen
error-template_name-missing = Geben Sie der Vorlage einen Namen.
error-template_name-too-long = Geben Sie einen kürzeren Namen ein, mit höchstens 120 Zeichen.
error-template_name-taken = Sie haben eine andere Vorlage mit diesem Namen.
error-template_name-too-many = Sie haben 100 Vorlagen. Löschen Sie eine, die Sie nicht brauchen.
