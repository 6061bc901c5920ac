# Families who share a phone.
whose-label = Für wen ist es?
whose-somebody-else = Jemand anderes mit demselben Telefon
whose-name = Name der anderen Person
whose-name-hint = Etwa ein Kind. Für jede Person werden eigene Unterlagen geführt; Sie melden sich für alle an.
phone-shared = Diese Nummer gehört { $names }
phone-shared-text = Noch ist nichts gebucht. Sagen Sie unten, ob es für diese Person ist oder für jemand anderes mit demselben Telefon.
error-phone-shared = Diese Nummer gehört auch jemand anderem. Sagen Sie, für wen es ist.
error-whose-missing = Sagen Sie, für wen es ist.
error-whose-malformed = Wählen Sie, für wen es ist.
error-whose-taken = Wählen Sie eine andere Akte: Das ist dieselbe.
error-name-too-many = Dieses Telefon teilen sich schon so viele, dass niemand hinzukommen kann.
api-family-added = Hinzugefügt.

# Phone numbers that are not right.
phones-title = Telefonnummern prüfen
phones-intro = Nummern, die in einer früheren Form gespeichert wurden. Was sich ohne Frage berichtigen ließ, ist berichtigt; diese hier brauchen Sie.
phones-found = { $count ->
    [one] Eine Telefonnummer stimmt nicht
   *[other] { $count } Telefonnummern stimmen nicht
}
phones-empty-title = Alle Nummern stimmen
phones-empty-text = Wenn eine Nummer nicht stimmen kann, finden Sie sie hier.
phones-appointments = { $count ->
    [one] ein Termin
   *[other] { $count } Termine
}
phones-shared = Die richtige Nummer ist { $phone }; sie gehört { $name }: derselben Person oder jemandem mit demselben Telefon. Fragen Sie, bevor Sie entscheiden.
phones-free = Die richtige Nummer ist { $phone }; sie gehört niemandem mehr: Berichtigen Sie sie.
phones-nobodys = Diese Nummer kann niemand haben, und kein Code erreicht sie. Fragen Sie nach der richtigen.
phones-share = Beide unter diese Nummer stellen
phones-share-hint = Beide Akten bleiben, wie sie sind. Wer sich mit der Nummer anmeldet, sieht beide und bucht für beide.
phones-right = Die richtige Nummer
phones-correct = Berichtigen
phones-done = Erledigt
error-phone-taken = Jemand anderes hat diese Nummer.
