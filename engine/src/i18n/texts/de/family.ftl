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
error-name-too-many = Dieses Telefon teilen sich schon so viele, dass niemand hinzukommen kann.
api-family-added = Hinzugefügt.
