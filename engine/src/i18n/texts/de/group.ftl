# Gruppentermine.
error-no-seats = In diesem Gruppentermin ist kein Platz mehr frei. Wählen Sie einen anderen.
error-few-seats = { $available ->
    [one] Es ist nur noch ein Platz frei.
   *[other] Es sind nur noch { $available } Plätze frei.
}
error-capacity-taken = { $requested ->
    [one] Ein Platz ist schon vergeben: Weniger können es nicht sein.
   *[other] { $requested } Plätze sind schon vergeben: Weniger können es nicht sein.
}
error-capacity-missing = Geben Sie an, wie viele Plätze es gibt.
error-capacity-malformed = Ein Gruppentermin hat 1 bis 500 Plätze.
error-seats-missing = Geben Sie an, wie viele Plätze Sie möchten.
error-seats-malformed = Nehmen Sie 1 bis 20 Plätze.
error-weeks-missing = Geben Sie an, wie viele Wochen.
error-weeks-malformed = Eine Reihe hat 1 bis 52 Wochen.
error-doctor-missing = Wählen Sie einen Arzt oder eine Ärztin.
error-doctor-malformed = Wählen Sie einen Arzt oder eine Ärztin.
error-service-missing = Wählen Sie eine Leistung.
error-service-malformed = Wählen Sie eine Leistung.
integrity-seats-oversold = Kein Gruppentermin hat mehr vergebene Plätze, als es gibt, oder einen davon zweimal.
integrity-seat-astray = Jeder vergebene Platz gehört zu einem Termin seiner Gruppe, und umgekehrt.
integrity-group-time-lost = Jeder kommende Gruppentermin hat die Zeit seines Arztes, und seine Plätze sind zu dieser Zeit.
