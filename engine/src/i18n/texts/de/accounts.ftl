# Links in E-Mails und damit gewählte Passwörter.
mail-invitation-subject = Ihr Konto bei der Praxis
mail-invitation-body =
    Guten Tag { $name },

    für Sie wurde ein Konto bei der Praxis angelegt. Wählen Sie hier ein Passwort, einmal und innerhalb von { $days } Tagen:

    { $link }

    Falls Sie das nicht erwartet haben, müssen Sie nichts tun.
mail-password-subject = Neues Passwort wählen
mail-password-body =
    Guten Tag { $name },

    jemand hat für Ihr Konto bei der Praxis ein neues Passwort verlangt. Falls Sie es waren, wählen Sie es hier, einmal und innerhalb von { $minutes } Minuten:

    { $link }

    Falls Sie es nicht waren, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.
mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed-body =
    Guten Tag { $name },

    das Passwort Ihres Kontos bei der Praxis wurde geändert, und Sie wurden überall sonst abgemeldet. Falls Sie es nicht waren, sagen Sie es jetzt jemandem von der Verwaltung Ihrer Praxis.
forgotten-title = Passwort vergessen?
forgotten-intro = Wir senden Ihnen einen Link, mit dem Sie ein neues wählen.
forgotten-send = Link senden
forgotten-sent = Sehen Sie in Ihre E-Mails
forgotten-sent-text = Wenn jemand vom Personal diese Adresse hat, ist ein Link unterwegs. Er gilt eine halbe Stunde.
forgotten-no-links = Diese Seite sendet keine Links. Bitten Sie die Verwaltung Ihrer Praxis um ein neues Passwort.
link-invitation-title = Wählen Sie Ihr Passwort
link-invitation-intro = Willkommen, { $name }. Sie melden sich als { $email } an.
link-password-title = Wählen Sie ein neues Passwort
link-password-intro = Für das Konto { $email }. Damit werden Sie überall sonst abgemeldet.
link-choose = Dieses Passwort verwenden
link-chosen = Ihr Passwort ist gesetzt. Melden Sie sich damit an.
link-spent-title = Dieser Link gilt nicht mehr
link-spent-text = Ein Link gilt einmal, für einige Zeit, und nur der neueste. Es wurde nichts geändert.
new-password-label = Neues Passwort
new-password-hint = Mindestens 12 Zeichen. Am besten drei oder vier Wörter, die nur Sie so zusammenstellen würden.

# Das eigene Konto.
account-title = Ihr Konto
account-intro = Womit Sie sich anmelden, und wo Sie angemeldet sind.
account-password = Passwort
account-password-text = Ein neues Passwort meldet Sie überall sonst ab und beendet die Tokens Ihrer Programme.
account-old-password = Ihr bisheriges Passwort
account-password-change = Passwort ändern
account-password-done = Ihr Passwort wurde geändert. Sie sind überall sonst abgemeldet.
account-sessions = Wo Sie angemeldet sind
account-sessions-text = Wenn Sie etwas davon nicht kennen, beenden Sie es. Tokens von Programmen haben eine eigene Seite:
account-some-browser = Ein Browser oder Programm
account-since = seit { $when }
account-used = zuletzt benutzt { $when }
account-this-browser = Dieser Browser
account-end = Dort abmelden
account-end-others = Überall sonst abmelden
account-end-others-hint = Auch dort, wo Programme sich mit Ihrem Konto angemeldet haben. Tokens mit Namen bleiben.
account-session-done = Sie sind dort abgemeldet.
account-sessions-done = Sie sind überall sonst abgemeldet.

# Die Konten des Personals.
staff-title = Personal
staff-intro = Wer sich hier anmeldet. Ob jemand gebucht werden kann, steht auf der Seite der Ärztin oder des Arztes.
staff-admin = Verwaltung
staff-doctor = Ärztin oder Arzt
staff-reception = Empfang
staff-role = Aufgabe
staff-admin-text = Der Empfang und alles, was die Kliniken am Laufen hält.
staff-reception-text = Der Empfang der gewählten Kliniken: Termine und Patienten, aber nichts von dem, was die Kliniken am Laufen hält.
staff-clinics = Kliniken
staff-clinics-all = Alle Kliniken
staff-clinics-hint = Der Empfang sieht nur die gewählten Kliniken. Eine Verwaltung, für die keine gewählt ist, sieht alle.
staff-clinics-hint-reception = Mindestens eine.
staff-clinics-change = Kliniken ändern
staff-clinics-save = Kliniken speichern
staff-clinics-changed = Die Kliniken wurden geändert.
staff-active = Kann sich anmelden
staff-inactive = Kann sich nicht anmelden
staff-waits = Eingeladen
staff-link-until = Der Einladung kann bis { $day } gefolgt werden.
staff-as-doctor = Wie Patienten sie sehen
staff-send-link = Link für ein Passwort senden
staff-close = Konto schließen
staff-open = Konto öffnen
staff-make-admin = In die Verwaltung aufnehmen
staff-make-doctor = Wieder nur Ärztin oder Arzt
staff-make-reception = Zum Empfang machen
staff-invite = Jemanden an den Empfang oder in die Verwaltung einladen
staff-invite-text = Wer eingeladen wird, bekommt einen Link per E-Mail und wählt selbst ein Passwort. Ärztinnen und Ärzte werden zuerst auf einer eigenen Seite angelegt.
staff-invite-send = Einladung senden
staff-invited = Der Link ist unterwegs.
staff-opened = Das Konto ist offen.
staff-closed = Das Konto ist geschlossen und überall abgemeldet.
staff-role-changed = Die Rolle wurde geändert. Die Person meldet sich neu an.
staff-no-links = Einladungen können nicht gesendet werden
staff-no-links-text = Niemand hat gesagt, unter welcher Adresse diese Seite zu finden ist, darum gibt es keine Links in E-Mails. Setzen Sie JANJI_PUBLIC_URL, etwa https://clinic.example, und starten Sie Janji neu.

# Der zweite Faktor des Personals.
error-step-up-required = Zeigen Sie vorher noch einmal, dass Sie es sind.
error-factor-required = Ihre Praxis verlangt einen zweiten Faktor. Richten Sie zuerst einen auf der Seite der Personal-Anmeldung ein.
confirm-self-link = Zeigen, dass ich es bin
confirm-self-title = Sind Sie es?
confirm-self-intro = Was Sie tun möchten, öffnet Türen, darum fragen wir noch einmal. In den nächsten zehn Minuten werden Sie nicht mehr gefragt.
confirm-self-code = Oder ein Code Ihrer App
factor-title = Geben Sie Ihren Code ein
factor-intro = Ihr Passwort stimmt. Öffnen Sie nun die App auf Ihrem Telefon, die Ihre Codes zeigt.
factor-code = Code
factor-code-hint = Sechs Ziffern aus Ihrer App, oder einer Ihrer Ersatzcodes.
factor-lost = Telefon und Ersatzcodes verloren? Jemand anders von der Verwaltung Ihrer Praxis kann den zweiten Faktor von Ihrem Konto nehmen.
factor-other-account = Ein anderes Konto
factors-title = Zweiter Faktor
factors-intro = Neben Ihrem Passwort etwas, das nur Sie haben: Wer Ihr Passwort erfährt, kann sich damit allein nicht anmelden.
factors-open = Einrichten und ändern
factors-off = Ihre Praxis verwendet keine zweiten Faktoren.
factors-required = Ihre Praxis verlangt einen: Der letzte kann nicht entfernt werden.
factors-app = Codes einer App
factors-app-text = Eine App auf Ihrem Telefon zeigt alle dreißig Sekunden einen neuen Code, auch ohne Netz.
factors-app-add = App einrichten
factors-app-there = Eine App ist eingerichtet.
factors-app-remove = App entfernen
factors-app-done = Ihre App ist eingerichtet. Beim Anmelden werden Sie nach einem Code gefragt.
factors-removed = Er wurde entfernt.
factors-codes = Ersatzcodes
factors-codes-text = Falls Ihr Telefon verloren geht. Jeder gilt einmal.
factors-codes-left = { $count ->
    [0] Sie haben keine.
    [one] Sie haben noch einen.
   *[other] Sie haben noch { $count }.
}
factors-codes-none = Sie haben noch keine Ersatzcodes: Machen Sie jetzt welche, damit ein verlorenes Telefon Sie nicht aussperrt.
factors-codes-renew = Zehn neue Codes machen
app-title = Richten Sie Ihre App ein
app-intro = Öffnen Sie auf Ihrem Telefon eine App für Codes, etwa die mitgelieferte, und lassen Sie sie dieses Bild lesen.
app-intro-required = Ihre Praxis verlangt einen zweiten Faktor. Öffnen Sie auf Ihrem Telefon eine App für Codes und lassen Sie sie dieses Bild lesen; dann werden Sie eingelassen.
app-picture = Ein Bild für Ihre App
app-secret = Falls sie das Bild nicht lesen kann, tippen Sie dies
app-code = Der Code, den Ihre App jetzt zeigt
app-finish = Fertig
codes-title = Ihre Ersatzcodes
codes-intro = Schreiben oder drucken Sie sie, und bewahren Sie sie dort auf, wo Ihr Telefon nicht ist. Sie werden nur dieses eine Mal gezeigt. Die alten gelten nicht mehr.
codes-kept = Ich habe sie aufgeschrieben
staff-has-factor = Zweiter Faktor
staff-reset-factors = Zweiten Faktor wegnehmen
staff-factors-reset = Der zweite Faktor wurde weggenommen und das Konto überall abgemeldet.

# Passkeys.
error-passkey_name-missing = Geben Sie dem Passkey einen Namen.
error-passkey_name-too-long = Wählen Sie einen kürzeren Namen, mit höchstens 60 Zeichen.
error-passkey_name-taken = Diesen Passkey gibt es schon.
error-passkey_name-too-many = Sie haben so viele Passkeys, wie Sie haben können. Entfernen Sie zuerst einen.
factors-passkeys = Passkeys
factors-passkeys-text = Ein Schlüssel in Ihrem Telefon, Ihrem Computer oder einem Stick, den Sie mit Finger, Gesicht oder PIN öffnen. Er geht in Browsern mit JavaScript.
factors-passkey-done = Ihr Passkey wurde hinzugefügt.
passkey-add = Passkey hinzufügen
passkey-name = Wie heißt er?
passkey-name-hint = Etwa „Mein Telefon“, damit Sie ihn wiederfinden.
passkey-made = hinzugefügt { $day }
passkey-remove = Entfernen
passkey-use = Passkey benutzen
passkey-failed = Das hat nicht geklappt. Versuchen Sie es noch einmal, oder nehmen Sie einen Code.
passkey-no-address = Passkeys brauchen eine Adresse mit einem Namen, etwa https://clinic.example, die die Praxis einstellen muss (JANJI_PUBLIC_URL).

# Eine neue Telefonnummer.

sms-phone-changed = Die Telefonnummer Ihres Kontos bei der Praxis wurde geändert, und diese wird nicht mehr verwendet. Falls Sie es nicht waren, rufen Sie jetzt die Praxis an.
new-phone-title = Neue Telefonnummer
new-phone-text = Wir senden einen Code an die neue Nummer und ein Wort an die alte. Sie werden überall sonst abgemeldet.
new-phone-label = Neue Telefonnummer
new-phone-done = Ihre neue Telefonnummer gilt.
doctor-password-invited = Lassen Sie es leer, dann bekommt die Ärztin oder der Arzt einen Link per E-Mail, um eines zu wählen.
