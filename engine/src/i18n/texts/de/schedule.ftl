# Sprechzeiten, Ausnahmen, Abwesenheiten und Schließungen.
error-hours-malformed = Schreiben Sie Uhrzeiten wie 9, 0900, 9.00 oder 17:30, das Ende nach dem Beginn, und Zeiten, die sich nicht überschneiden.
error-hours-past-midnight = Zeiten enden an dem Tag, an dem sie beginnen. Schreiben Sie für eine Nacht an diesem Tag die Zeiten bis 24:00 und den Rest ab 00:00 am nächsten Tag.
error-hours-too-long = Das sind zu viele Zeiten.
error-day-malformed = Schreiben Sie das Datum wie 2026-11-24.
error-day-missing = Wählen Sie einen Tag.
message-day-cancelled = { $clinic }: { $doctor } kann Sie am { $date } ({ $times }; { $zone }) nicht empfangen. { $count ->
    [one] Ihr Termin ist
   *[other] Ihre Termine sind
} abgesagt. Grund: { $reason } Bitte wählen Sie eine andere Zeit oder rufen Sie an: { $phone }.

nav-plan = Sprechzeiten
plan-title = Sprechzeiten: { $doctor }
plan-nowhere = Hier wird noch nirgends etwas angeboten, also gibt es nichts zu planen.
plan-places = Praxen
plan-attention = Braucht Aufmerksamkeit
plan-attention-text = Diese Termine sind gebucht, liegen aber jetzt außerhalb der Sprechzeiten. Verschieben Sie sie, sagen Sie sie ab, oder halten Sie sie wie vereinbart ein.
plan-more = und { $count } weitere
plan-coming = Die nächsten zwei Wochen
plan-day = Datum
plan-time = Uhrzeit
plan-service = Leistung
plan-hours = Zeiten
plan-except = Abweichungen
plan-no-hours = Keine Zeiten
plan-exception = Ausnahme
plan-break = Pause
plan-breaks = Pausen
plan-work = Arbeit
plan-away = abwesend
plan-closed = geschlossen
plan-week = Wochenplan
plan-week-text = Eine Zeile für dieselben Zeiten an mehreren Tagen. Eine Pause unterbricht die Sprechzeit und verschiebt keine Termine. Mit Datum gilt eine Zeile erst ab oder nur bis dahin.
plan-row = Zeile { $number }
plan-from = Von
plan-until = Bis
plan-kind = Arbeit oder Pause
plan-valid-from = Gültig ab
plan-valid-until = Gültig bis
plan-preview = Vorschau
plan-save-week = Wochenplan speichern
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
plan-exceptions-text = Ein Datum mit anderen Zeiten oder ohne.
plan-exception-hours-hint = Zum Beispiel 8-12, 13:00-17:30. Für einen freien Tag leer lassen.
plan-note = Notiz
plan-add-exception = Ausnahme hinzufügen
plan-remove = Entfernen
plan-absences = Abwesenheiten und Schließungen
plan-absences-text = Urlaub, Feiertage und Schließungen. Ohne Uhrzeiten sind es ganze Tage.
plan-first-day = Erster Tag
plan-last-day = Letzter Tag
plan-away-from = Abwesend von
plan-everywhere = alle Praxen
plan-yearly = Jedes Jahr wieder
plan-yearly-short = jedes Jahr
plan-add-absence = Abwesenheit hinzufügen
plan-stop-title = Einen Tag schließen
stop-title = Einen Tag schließen oder absagen
stop-text = Für einen Arzt an einer Klinik. Wer den Tag absagt, nennt den Grund, und die Patienten erfahren ihn.
plans-title = Arbeitspläne
plans-text = Die Ärzte an Ihren Kliniken, mit ihren Zeiten, Pausen und Abwesenheiten dort.
plans-none = An Ihren Kliniken bietet kein Arzt etwas an.
plan-stop-text = „Keine Buchungen mehr annehmen“ lässt alle Termine bestehen. „Tag absagen“ sagt alle noch bevorstehenden Termine ab und benachrichtigt die Patienten.
plan-reason-hint = Für eine Absage nötig: Er wird mitgeteilt.
plan-stop = Keine Buchungen mehr annehmen
plan-cancel-day = Tag absagen
plan-stopped = Tage, an denen keine Buchungen angenommen werden
plan-stopped-text = Wer einen Tag wieder öffnet, gibt ihm die Zeiten, die er vorher hatte. Abgesagte Termine bleiben abgesagt.
plan-stopped-cancelled = { $count ->
    [one] Ein Termin bleibt abgesagt.
   *[other] { $count } Termine bleiben abgesagt.
}
plan-open-day = Wieder öffnen
plan-why = Warum wird diese Zeit nicht angeboten?
plan-why-unreadable = Schreiben Sie die Uhrzeit wie 09:00.
plan-ask = Fragen
plan-bad-dates = Der letzte Tag liegt vor dem ersten, oder was sich jährlich wiederholt, dauert ein Jahr.
plan-saved-week = Der Wochenplan ist gespeichert.
plan-saved-exception = Die Ausnahme ist gespeichert.
plan-saved-exception-removed = Das Datum folgt wieder dem Wochenplan.
plan-saved-absence = Die Abwesenheit ist gespeichert.
plan-saved-absence-removed = Die Abwesenheit ist entfernt.
plan-saved-day-stopped = An diesem Tag werden keine Buchungen mehr angenommen.
plan-saved-day-opened = An diesem Tag werden wieder Buchungen angenommen. Abgesagte Termine bleiben abgesagt.
plan-saved-day-cancelled = Der Tag ist abgesagt.
plan-kept = { $count ->
    [one] Ein Termin passt nicht mehr und bleibt gebucht.
   *[other] { $count } Termine passen nicht mehr und bleiben gebucht.
}
plan-day-told = Abgesagte Termine: { $count }. Nachrichten an Patienten unterwegs: { $told }.
plan-stale-title = Diese Sprechzeiten wurden geändert, während Sie sie ansahen
plan-stale-by = { $who } hat { $what } geändert: { $when }.
plan-stale-text = Was Sie eingegeben haben, steht noch im Formular, und die Zeiten darüber sind die neuen. Prüfen Sie beides und speichern Sie noch einmal.
plan-changed-week = die Woche
plan-changed-exception = eine Ausnahme
plan-changed-exception-removed = eine Ausnahme
plan-changed-absence = eine Abwesenheit
plan-changed-absence-removed = eine Abwesenheit
plan-changed-day-stopped = einen Tag
plan-changed-day-opened = einen Tag
plan-changed-day-cancelled = einen Tag

# Warum eine Zeit nicht angeboten wird.
why-offered = Diese Zeit wird angeboten.
why-doctor-inactive = Es werden keine Buchungen angenommen.
why-service-inactive = Diese Leistung wird zurzeit nicht angeboten.
why-not-offered-here = Diese Leistung wird hier nicht angeboten.
why-no-such-time = Diese Zeit gibt es an dem Tag nicht (Zeitumstellung).
why-past = Diese Zeit ist vorbei.
why-before-notice = Es ist zu kurzfristig: Die Leistung verlangt mehr Vorlauf.
why-beyond-horizon = Das ist für diese Leistung zu weit voraus.
why-outside-plan = Dann ist keine Sprechzeit.
why-exception = Dieses Datum hat eine Ausnahme ohne Zeiten zu dieser Stunde.
why-break = Dann ist Pause.
why-absence = Dann abwesend.
why-closure = Dann ist die Praxis geschlossen.
why-busy-elsewhere = Dann ist etwas anderes in einem verknüpften Kalender: { $calendars }.
why-taken = Vergeben, oder zu nahe an einem anderen Termin.
why-off-grid = Zu dieser Zeit beginnen keine Termine dieser Leistung.
why-would-not-fit = Der Termin würde nach der Sprechzeit enden.

# When clinics are closed.
nav-closures = Schließungen
closures-title = Schließungen
closures-text = Tage oder Stunden, an denen Praxen geschlossen sind, unabhängig von den Sprechzeiten. Termine bleiben gebucht.
closures-where = Geschlossen
closures-add = Schließung hinzufügen
closures-saved = Die Schließung ist gespeichert.
closures-removed = Die Schließung ist entfernt.

# Bevor es Patienten trifft.
ask-absence = Diese Abwesenheit speichern?
ask-closure = Diese Schließung speichern?
ask-day = Diesen Tag absagen?
ask-count = { $count ->
    [0] Dann hat niemand einen Termin.
    [one] Ein Termin ist betroffen:
   *[other] { $count } Termine sind betroffen:
}
ask-after = Danach gibt es eine Liste zum Abhaken, wen Sie anrufen müssen.
ask-absence-do = Abwesenheit speichern
ask-closure-do = Schließung speichern
ask-day-do = Tag absagen und Patienten Bescheid geben
ask-leave = So lassen
reach-both = eine Nachricht kommt per Telefon und E-Mail an
reach-phone = eine Nachricht kommt per Telefon an
reach-email = eine Nachricht kommt per E-Mail an
reach-nobody = keine Nachricht kommt an: anrufen
error-affected-changed = Inzwischen hat jemand gebucht, verschoben oder abgesagt, deshalb ist nichts geschehen. Unten steht, wen es jetzt trifft. Entscheiden Sie noch einmal.

# Wen man anrufen muss.
calls-title = Anzurufen
calls-text = Patienten, deren Termine ein abgesagter Tag, eine Abwesenheit oder eine Schließung getroffen hat.
calls-none = Niemand muss angerufen werden.
calls-why-day = Tag abgesagt
calls-why-absence = Abwesenheit
calls-why-closure = Schließung
calls-made = Angelegt von { $who }: { $when }
calls-open = Anzurufen
calls-open-of = { $open ->
    [0] Alle { $count } angerufen
   *[other] { $open } von { $count } noch anzurufen
}
calls-called = { $who } hat angerufen: { $when }
calls-already = { $who } hatte { $patient } schon vor Ihnen angerufen: { $when }.
calls-tick = Angerufen
calls-untick = Noch nicht angerufen
calls-reach = Per Nachricht
calls-cancel = Absagen
calls-book-again = Neu buchen
calls-all = { $count ->
    [one] Ein Termin ist noch gebucht
   *[other] { $count } Termine sind noch gebucht
}
calls-cancel-all = { $count ->
    [one] Absagen
   *[other] Alle { $count } absagen
}
calls-move-all = Alle auf andere Zeiten verschieben
calls-move-title = Alle verschieben
calls-move-text = Für jeden die erste freie Zeit bei derselben Ärztin oder demselben Arzt. Noch ist nichts verschoben.
calls-no-time = keine freie Zeit
calls-move-do = { $count ->
    [one] Einen Termin verschieben
   *[other] { $count } Termine verschieben
}
calls-did = Erledigt: { $done }. Nicht mehr möglich: { $left }.
