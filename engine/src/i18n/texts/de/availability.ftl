# Bei irgendeiner Ärztin oder irgendeinem Arzt.
any-doctor-title = { $service }: wer zuerst Zeit hat
any-doctor-intro = Wählen Sie eine Zeit, zu der jemand frei ist. Wer es ist, erfahren Sie, bevor Sie buchen.
any-doctor-start = Nächster freier Termin, egal bei wem
any-doctor-start-text = Die ersten freien Zeiten aller Ärztinnen und Ärzte zusammen.
any-doctor-link = { $service }: Zeiten aller Ärztinnen und Ärzte
any-clinic = Alle Praxen
