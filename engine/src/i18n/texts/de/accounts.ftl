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
staff-invite = Jemanden in die Verwaltung einladen
staff-invite-text = Wer eingeladen wird, bekommt einen Link per E-Mail und wählt selbst ein Passwort. Ärztinnen und Ärzte werden zuerst auf einer eigenen Seite angelegt.
staff-invite-send = Einladung senden
staff-invited = Der Link ist unterwegs.
staff-opened = Das Konto ist offen.
staff-closed = Das Konto ist geschlossen und überall abgemeldet.
staff-role-changed = Die Rolle wurde geändert. Die Person meldet sich neu an.
staff-no-links = Einladungen können nicht gesendet werden
staff-no-links-text = Niemand hat gesagt, unter welcher Adresse diese Seite zu finden ist, darum gibt es keine Links in E-Mails. Setzen Sie JANJI_PUBLIC_URL, etwa https://clinic.example, und starten Sie Janji neu.
