# Arbeitspläne, Ausnahmen, Abwesenheiten und Schließungen.
error-hours-malformed = Schreiben Sie Uhrzeiten wie 9, 0900, 9.00 oder 17:30, das Ende nach dem Beginn, und Zeiten, die sich nicht überschneiden.
error-hours-past-midnight = Zeiten enden an dem Tag, an dem sie beginnen. Schreiben Sie für eine Nacht an diesem Tag die Zeiten bis 24:00 und den Rest ab 00:00 am nächsten Tag.
error-hours-too-long = Das sind zu viele Zeiten.
error-day-malformed = Schreiben Sie das Datum wie 2026-11-24.
error-day-missing = Wählen Sie einen Tag.
message-day-cancelled = { $clinic }: { $doctor } kann Sie am { $date } ({ $times }; { $zone }) nicht empfangen. { $count ->
    [one] Ihr Termin ist
   *[other] Ihre Termine sind
} abgesagt. Grund: { $reason } Bitte wählen Sie eine andere Zeit oder rufen Sie an: { $phone }.

nav-plan = Arbeitsplan
plan-title = Arbeitsplan: { $doctor }
plan-nowhere = Hier wird noch nirgends etwas angeboten, also gibt es nichts zu planen.
plan-places = Praxen
plan-attention = Braucht Aufmerksamkeit
plan-attention-text = Diese Termine sind gebucht, aber der Plan sieht sie nicht mehr vor. Verschieben Sie sie, sagen Sie sie ab, oder halten Sie sie wie vereinbart ein.
plan-more = und { $count } weitere
plan-coming = Die nächsten zwei Wochen
plan-day = Datum
plan-time = Uhrzeit
plan-service = Leistung
plan-hours = Zeiten
plan-except = Besonderes
plan-no-hours = Keine Zeiten
plan-exception = Ausnahme
plan-break = Pause
plan-breaks = Pausen
plan-work = Arbeit
plan-away = abwesend
plan-closed = geschlossen
plan-week = Woche
plan-week-text = Eine Zeile für dieselben Zeiten an mehreren Tagen. Eine Pause wird aus den Zeiten um sie herausgenommen und verschiebt keine Termine. Mit Datum gilt eine Zeile erst ab oder nur bis dahin.
plan-row = Zeile { $number }
plan-from = Von
plan-until = Bis
plan-kind = Arbeit oder Pause
plan-valid-from = Gültig ab
plan-valid-until = Gültig bis
plan-preview = Vorschau
plan-save-week = Diese Woche speichern
plan-more-rows = Mehr Zeilen
plan-preview-title = Vorschau
plan-preview-text = Noch ist nichts gespeichert.
plan-would = { $count ->
    [0] Alle Termine würden weiterhin passen.
    [one] Ein Termin würde nicht mehr passen. Er bliebe gebucht.
   *[other] { $count } Termine würden nicht mehr passen. Sie blieben gebucht.
}
plan-times = { $service }: { $count } freie Zeiten in zwei Wochen
plan-exceptions = Ausnahmen
plan-exceptions-text = Ein Datum, das nicht der Woche folgt: andere Zeiten oder keine.
plan-exception-hours-hint = Zum Beispiel 8-12, 13:00-17:30. Für einen freien Tag leer lassen.
plan-note = Notiz
plan-add-exception = Ausnahme hinzufügen
plan-remove = Entfernen
plan-absences = Abwesenheiten und Schließungen
plan-absences-text = Was aus der Woche und den Ausnahmen herausgenommen wird. Ohne Uhrzeiten sind es ganze Tage.
plan-first-day = Erster Tag
plan-last-day = Letzter Tag
plan-away-from = Abwesend von
plan-everywhere = alle Praxen
plan-yearly = Jedes Jahr wieder
plan-yearly-short = jedes Jahr
plan-add-absence = Abwesenheit hinzufügen
plan-stop-title = Einen Tag schließen
plan-stop-text = Keine Buchungen mehr anzunehmen lässt alle Termine des Tages bestehen. Den Tag abzusagen sagt auch die Termine ab, die noch bevorstehen, und benachrichtigt alle, die sie gebucht haben.
plan-reason-hint = Für eine Absage nötig: Er wird mitgeteilt.
plan-stop = Keine Buchungen mehr annehmen
plan-cancel-day = Tag absagen
plan-why = Warum wird diese Zeit nicht angeboten?
plan-why-unreadable = Schreiben Sie die Uhrzeit wie 09:00.
plan-ask = Fragen
plan-bad-dates = Der letzte Tag liegt vor dem ersten, oder was sich jährlich wiederholt, dauert ein Jahr.
plan-saved-week = Die Woche ist gespeichert.
plan-saved-exception = Die Ausnahme ist gespeichert.
plan-saved-exception-removed = Das Datum folgt wieder der Woche.
plan-saved-absence = Die Abwesenheit ist gespeichert.
plan-saved-absence-removed = Die Abwesenheit ist entfernt.
plan-saved-day-stopped = An diesem Tag werden keine Buchungen mehr angenommen.
plan-saved-day-cancelled = Der Tag ist abgesagt.
plan-kept = { $count ->
    [one] Ein Termin passt nicht mehr und bleibt gebucht.
   *[other] { $count } Termine passen nicht mehr und bleiben gebucht.
}
plan-day-told = Abgesagte Termine: { $count }. Benachrichtigt: { $told }.
plan-stale-title = Dieser Plan wurde geändert, während Sie ihn ansahen
plan-stale-by = { $who } hat { $what } geändert: { $when }.
plan-stale-text = Was Sie eingegeben haben, steht noch im Formular, und der Plan darüber ist der neue. Prüfen Sie beides und speichern Sie noch einmal.
plan-changed-week = die Woche
plan-changed-exception = eine Ausnahme
plan-changed-exception-removed = eine Ausnahme
plan-changed-absence = eine Abwesenheit
plan-changed-absence-removed = eine Abwesenheit
plan-changed-day-stopped = einen Tag
plan-changed-day-cancelled = einen Tag

# Warum eine Zeit nicht angeboten wird.
why-offered = Diese Zeit wird angeboten.
why-doctor-inactive = Es werden keine Buchungen angenommen.
why-service-inactive = Diese Leistung wird zurzeit nicht angeboten.
why-not-offered-here = Diese Leistung wird hier nicht angeboten.
why-no-such-time = An diesem Tag überspringt die Uhr diese Zeit.
why-past = Diese Zeit ist vorbei.
why-before-notice = Es ist zu kurzfristig: Die Leistung verlangt mehr Vorlauf.
why-beyond-horizon = Das ist für diese Leistung zu weit voraus.
why-outside-plan = Die Woche hat dann keine Zeiten.
why-exception = Dieses Datum hat eine Ausnahme ohne Zeiten zu dieser Stunde.
why-break = Dann ist Pause.
why-absence = Dann besteht eine Abwesenheit.
why-closure = Dann ist die Praxis geschlossen.
why-taken = Sie ist vergeben, oder eine Zeit zu nahe daran.
why-off-grid = Zu dieser Zeit beginnen keine Termine dieser Leistung.
why-would-not-fit = Der Termin würde nach den Zeiten enden.

# When clinics are closed.
nav-closures = Schließungen
closures-title = Schließungen
closures-text = Wann eine Praxis geschlossen ist oder alle es sind, was immer die Arbeitspläne sagen. Termine bleiben gebucht.
closures-where = Geschlossen
closures-add = Schließung hinzufügen
closures-saved = Die Schließung ist gespeichert.
closures-removed = Die Schließung ist entfernt.
