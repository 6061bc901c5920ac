# The navigation of admins.
nav-locks = Sperren
nav-integrity = Prüfung

# Locks.
locks-title = Sperren
locks-intro = Was Sperren kosten und was sich in die Quere kommt. Den jetzigen Moment nennt die Datenbank für alle Server; die Zahlen seit dem Start sind die des Servers, der antwortet.
locks-refresh = Aktualisieren
locks-now = In diesem Moment
locks-waiting = Warten
locks-longest = Längste Wartezeit
locks-transactions = Offene Transaktionen
locks-oldest = Älteste Transaktion
locks-pool = Benutzte Verbindungen
locks-pool-of = { $used } von { $most }
locks-nobody-waits = Niemand wartet auf eine Sperre.
locks-waits = Wer auf wen wartet
locks-a-transaction = auf eine andere Transaktion
locks-nothing-held = Keine Tabelle ist zum Schreiben gesperrt.
locks-held = Gesperrte Tabellen
locks-since = Seit dem Start dieses Servers
locks-done = Erledigte Transaktionen
locks-conflicts = Verhinderte Konflikte
locks-retries = Noch einmal versucht
locks-give-ups = Aufgegeben
locks-timeouts = Zeitüberschreitungen
locks-rollbacks = Zurückgerollt
locks-constraints = Von einer Bedingung abgelehnt
locks-deadlocks = Deadlocks in der Datenbank
locks-nothing-measured = Es wurde noch nichts gemessen.
locks-operations = Vorgänge
locks-operations-text = Zeiten sind p50 · p95 · p99: die Hälfte, 95 und 99 von hundert dauerten nicht länger.
column-session = Sitzung
column-waits = Wartet seit
column-table = Tabelle
column-blocked-by = Auf Sitzungen
column-held = Gehalten von
column-waiting = Warten
column-operation = Vorgang
column-done = Erledigt
column-refused = Abgelehnt
column-failed = Gescheitert
column-retries = Neue Versuche
column-lock-wait = Warten auf Sperren
column-lock-hold = Halten von Sperren
column-duration = Dauer
chart-waits = Wie lange auf Sperren gewartet wird
chart-waits-text = Die Punkte sind p50, p95 und p99, von links nach rechts. Eine freie Sperre kostet einen Weg hin und zurück.
chart-durations = Wie lange Transaktionen dauern
chart-durations-text = Die Punkte sind p50, p95 und p99, von links nach rechts.
chart-conflicts = Verhinderte Konflikte
chart-conflicts-text = Zwei wollten dasselbe; einem wurde es gesagt, mit einem Weg weiter.
chart-failures = Von der Datenbank beendete Versuche
chart-failures-text = Nach Deadlocks, Serialisierungsfehlern und Zeitüberschreitungen bei Sperren wird es noch einmal versucht.
prevented-slot-taken = Zeit war vergeben
prevented-hold-expired = Reservierung war abgelaufen
prevented-patient-overlap = Anderer Termin zur selben Zeit
prevented-slot-closed = Zeit war geschlossen
prevented-stale-version = Inzwischen geändert
prevented-invalid-transition = Nicht mehr möglich
prevented-prescription-exists = Rezept gab es schon
prevented-rating-exists = War schon bewertet
prevented-idempotency-conflict = Schlüssel für anderes benutzt
failure-deadlock = Deadlock
failure-serialization = Serialisierungsfehler
failure-lock-timeout = Zeitüberschreitung bei einer Sperre
failure-timeout = Dauerte zu lange
failure-unreachable = Datenbank nicht erreichbar
failure-other = Anderes

# The integrity check.
integrity-title = Prüfung der Daten
integrity-intro = Sieht sich jeden Termin mit seiner Geschichte in einem einzigen Moment an, ändert nichts und nennt, was eine Regel verletzt.
integrity-check = Jetzt prüfen
integrity-none-title = Noch nicht geprüft
integrity-none-text = Die Datenbank wurde noch nie geprüft.
integrity-awaited = Die gewünschte Prüfung ist noch nicht zu Ende. Sie läuft weiter; laden Sie diese Seite nach einer Weile neu.
integrity-old = Die letzte Prüfung ist { $hours } Stunden alt. Sie soll stündlich stattfinden: Das Protokoll des Servers nennt den Grund.
integrity-sound = Alle Regeln sind eingehalten.
integrity-broken = { $count ->
    [one] Eine Regel ist verletzt.
   *[other] { $count } Regeln sind verletzt.
}
integrity-counted = Termine: { $appointments }. Änderungen: { $changes }. Ärztinnen und Ärzte: { $doctors }. Patientinnen und Patienten: { $patients }.
integrity-when = { $moment } UTC, in { $duration }.
integrity-rules = Regeln
integrity-kept = Eingehalten
integrity-times = { $count ->
    [one] Einmal verletzt
   *[other] { $count }-mal verletzt
}
integrity-more = und { $count } weitere
column-rule = Regel
column-result = Ergebnis
integrity-doctor-double-booked = Niemand im Ärzteteam hat zwei Termine zugleich
integrity-patient-in-two-places = Niemand wird an zwei Orten zugleich behandelt
integrity-overbooking-unaccounted = Jede bewusste Doppelbelegung hat einen Grund und jemanden vom Personal, der sie gemacht hat
integrity-history-missing = Jeder Termin hat eine Geschichte
integrity-history-gap = Ihre Änderungen zählen von eins bis zur Version des Termins
integrity-history-beginning = Sie beginnt mit einer Reservierung oder einer Buchung
integrity-history-broken = Jede Änderung beginnt, wo die vorige endete
integrity-history-illegal = Jede Änderung ist nach den Regeln erlaubt
integrity-history-end = Sie endet bei dem, was der Termin jetzt ist
integrity-history-orphan = Jede Änderung gehört zu einem Termin
integrity-visit-outside-block = Die blockierte Zeit enthält den Besuch
integrity-end-missing = Jede Reservierung und jede Anfrage hat ein Ende
integrity-owner-missing = Nur eine Reservierung darf niemandem gehören
integrity-status-unknown = Jeder Status ist bekannt
integrity-row-missing = Die Personen, der Ort und die Leistung jedes Termins sind da
integrity-reference-twice = Keine Buchungsnummer wurde zweimal vergeben
integrity-wall-time-moved = Jeder kommende Termin ist zu der Uhrzeit, die mit ihm zugesagt wurde
integrity-zone-unknown = Die Zeitzone jeder Praxis ist bekannt
integrity-reference-malformed = Jede Buchungsnummer lässt sich am Telefon vorlesen
integrity-prescription-twice = Jeder Termin hat höchstens ein Rezept
integrity-prescription-misplaced = Jedes Rezept gehört zu einem Besuch und verordnet etwas
integrity-rating-twice = Jeder Termin hat höchstens eine Bewertung
integrity-rating-misplaced = Jede Bewertung gilt einem abgeschlossenen Besuch und dessen Arzt
integrity-guard-missing = Die Bedingungen der Datenbank sind in Kraft
