# Arbeitspläne, Ausnahmen, Abwesenheiten und Schließungen.
error-hours-malformed = Schreiben Sie Uhrzeiten wie 09:00 und 17:30, das Ende nach dem Beginn, und Zeiten, die sich nicht überschneiden.
error-hours-too-long = Das sind zu viele Zeiten.
error-day-malformed = Schreiben Sie das Datum wie 2026-11-24.
error-day-missing = Wählen Sie ein Datum.
message-day-cancelled = { $clinic }: { $doctor } kann Sie am { $date } ({ $times }) nicht empfangen. { $count ->
    [one] Ihr Termin ist
   *[other] Ihre Termine sind
} abgesagt. Grund: { $reason } Bitte wählen Sie eine andere Zeit oder rufen Sie an: { $phone }.
