# Gruppentermine.
group-title = Gruppen und Kurse
group-intro = Termine für mehrere zugleich. Nehmen Sie einen Platz oder mehrere.
group-all = Alle Gruppen und Kurse
group-none-title = Noch keine Gruppentermine
group-none-text = Zurzeit ist nichts für Gruppen geplant. Sie können einen eigenen Termin buchen.
group-session = Gruppentermin
no-doctor = Ohne Ärztin oder Arzt
group-seats = Plätze
group-own-seats = { $count ->
    [one] ein Platz
   *[other] { $count } Plätze
}
group-left = { $free } von { $capacity } frei
group-full = Keine Plätze frei
group-taken = { $taken } von { $capacity } Plätzen vergeben
group-changed = Die Zahl der Plätze hat sich geändert.
group-price = Preis eines Platzes
group-pay-how = Bezahlung eines Platzes
group-sign-in = Melden Sie sich mit Ihrer Telefonnummer an, um einen Platz zu nehmen.
group-take = Plätze nehmen
group-how-many = Wie viele Plätze
group-how-many-hint = Für Sie und alle, die mit Ihnen kommen: höchstens { $most }. Sie bekommen alle oder keinen.
group-take-do = Plätze nehmen
group-is-full = In diesem Gruppentermin ist kein Platz mehr frei
group-is-cancelled = Dieser Gruppentermin wurde abgesagt
group-is-draft = Dieser Gruppentermin ist noch nicht veröffentlicht
group-has-begun = Dieser Gruppentermin hat begonnen
group-planned = Gruppentermine
group-planned-intro = Termine für mehrere Patienten, die ihren Arzt nur einmal belegen.
group-none-planned = Planen Sie den ersten: einen einzelnen oder einen in jeder Woche.
group-new = Neuer Gruppentermin
group-name = Titel
group-name-hint = Was Patienten lesen, etwa Impfnachmittag.
group-day = Tag
group-from = Beginn
group-length = Länge in Minuten
group-capacity = Zahl der Plätze
group-capacity-hint = Von 1 bis { $most }.
group-currency = Währung
group-weeks = Zahl der Wochen
group-weeks-hint = 1 für einen einzelnen; eine Reihe hat jede Woche einen zur selben Zeit, höchstens { $most }.
group-choose = Wählen
group-publish = Veröffentlichen
group-keep-draft = Als Entwurf behalten
group-draft = Entwurf
group-published = Veröffentlicht
group-cancelled = Abgesagt
group-over = Vorbei
group-saved = Gespeichert
group-who = Wer Plätze hat
group-nobody = Noch hat niemand einen Platz.
group-change = Ändern
group-change-text = Ändert sich die Zeit, erfahren es alle mit einem Platz einmal. Es können nicht weniger Plätze sein, als vergeben sind.
group-with-rest = und alle späteren Termine dieser Reihe
group-cancel = Den Gruppentermin absagen
group-cancel-text = Alle Plätze werden abgesagt, und alle, die einen haben, erfahren es.
group-cancel-do = Gruppentermin absagen
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
integrity-nobody-busy = Was ohne Ärztin oder Arzt ist, sind Plätze in Gruppen und nichts anderes.
error-length-missing = Geben Sie die Länge in Minuten an.
api-group-planned = Geplant.
group-over-limit = Der Patient darf mehr von dieser Leistung haben, als ihre Grenzen erlauben
