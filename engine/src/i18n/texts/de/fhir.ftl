# FHIR.
fhir-not-acceptable = Antworten sind application/fhir+json. Ein anderes Format gibt es nicht.
fhir-not-supported = { $field } wird hier nicht unterstützt.
fhir-too-costly = Das wäre zu viel auf einmal. Nennen Sie Kalender oder Leistungen, einen Anfang und ein Ende, und höchstens 31 Tage; siehe { $field }.
fhir-in-address = { $field } nennt einen Menschen und gehört nicht in eine Adresse. Senden Sie es im Inhalt von POST Patient/_search.
fhir-form = Senden Sie die Suche als application/x-www-form-urlencoded.
fhir-patch = Senden Sie die Änderung als application/json-patch+json.
fhir-version-needed = Sagen Sie mit { $field }, welche Fassung des Termins Sie gelesen haben.
fhir-not-changed = { $field } lässt sich so nicht ändern. Ändern Sie entweder den Status oder die Zeit, und sonst nichts.
fhir-several = Auf { $field } passen mehrere Termine. Es wurde nichts gebucht.
