busy-conflicts = Anderswo belegt
busy-conflicts-text = Diese Termine und Gruppentermine bestehen, aber ein anderer Kalender hat zur selben Zeit auch etwas. Abgesagt wurde nichts, und Plätze in einer Gruppe werden weiter vergeben: Verschieben Sie sie, sagen Sie sie ab, oder schaffen Sie im anderen Kalender Platz.
busy-conflict-in = auch in: { $calendars }

# Was von einem Kalender anderswo nicht gelesen werden konnte, auf der Seite der Verknüpfung.
busy-trouble-too-many = { $count ->
    [one] Eine Serie hat mehr Zeiten, als übernommen werden können. Nur die ersten belegen hier Zeit.
   *[other] { $count } Serien haben mehr Zeiten, als übernommen werden können. Nur die ersten belegen hier Zeit.
}
busy-trouble-too-large = { $count ->
    [one] Ein Eintrag ist zu groß, um gelesen zu werden.
   *[other] { $count } Einträge sind zu groß, um gelesen zu werden.
}
busy-trouble-malformed = { $count ->
    [one] Ein Eintrag konnte nicht gelesen werden.
   *[other] { $count } Einträge konnten nicht gelesen werden.
}
busy-trouble-unknown-zone = { $count ->
    [one] Ein Eintrag hat eine unbekannte Zeitzone.
   *[other] { $count } Einträge haben eine unbekannte Zeitzone.
}
busy-trouble-unknown-rule = { $count ->
    [one] Eine Serie wiederholt sich auf eine Weise, die nicht verstanden wird.
   *[other] { $count } Serien wiederholen sich auf eine Weise, die nicht verstanden wird.
}

integrity-busy-astray = Jede belegte Zeit aus einem anderen Kalender gehört der Person, deren Kalender es ist.
integrity-busy-by-nothing = Niemand ist durch einen Eintrag belegt, der keine Zeit braucht oder ein eigener Termin ist.
