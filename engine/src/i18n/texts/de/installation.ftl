# Sicherungen, und eine Kopie, die aus einer wiederhergestellt wurde.
nav-backups = Sicherungen
backups-title = Sicherungen
backups-intro = Eine Sicherung enthält alles, was in der Datenbank steht, so wie es in einem Augenblick war. Zeiten sind in UTC.
backups-last = Die letzte Sicherung
backups-when = Erstellt
backups-file = Datei
backups-size = Größe
backups-kilobytes = { $count } kB
backups-megabytes = { $count } MB
backups-rows-count = { $count ->
    [one] eine Zeile
   *[other] { $count } Zeilen
}
backups-elsewhere = Eine Sicherung auf der Platte des Servers geht mit ihm verloren: Bewahren Sie Kopien woanders auf, verschlüsselt.
backups-none-title = Es gibt noch keine Sicherung
backups-none-yet = Die erste entsteht in wenigen Minuten, danach jede Nacht eine. Die letzten sieben bleiben.
backups-none-here = Dieser Server macht selbst keine, denn um seine Datenbank kümmert man sich anderswo, oder sie ist eine Demo. Wer ihn betreibt, kann ein Verzeichnis für tägliche Sicherungen angeben.
backups-failed = { $count ->
    [one] Die letzte Sicherung ist fehlgeschlagen
   *[other] Die letzten { $count } Sicherungen sind fehlgeschlagen
}
backups-failed-text = Der Grund steht im Protokoll des Servers. Es wird jede Stunde wieder versucht.
backups-old = Die letzte Sicherung ist { $hours } Stunden alt
backups-restored = Das ist die Sicherung von { $from }, wiederhergestellt am { $since }.
backups-paused-since = Diese Kopie hat seit { $since } nichts verlassen.
backups-waiting = { $count ->
    [0] In der Sicherung wartete keine Nachricht.
    [one] In der Sicherung wartete eine Nachricht, die inzwischen fällig ist.
   *[other] In der Sicherung warteten { $count } Nachrichten, die inzwischen fällig sind.
}
backups-release-title = Freigeben
backups-release-text = Wählen Sie das, wenn die erste Installation nicht mehr läuft und ausgeschaltet bleibt. Was in der Sicherung wartete, wird nicht gesendet: Höchstwahrscheinlich ist es schon angekommen. Nachrichten von jetzt an werden gesendet.
backups-release-do = Freigeben, ohne die alten Nachrichten
backups-send-title = Freigeben und senden, was wartete
backups-send-text = Wählen Sie das nur, wenn die erste Installation seit der Sicherung nichts gesendet haben kann. Sonst hören Menschen alles zweimal.
backups-send-do = Freigeben und die alten Nachrichten senden
backups-done-released = Sie arbeitet: Nachrichten, Zahlungen, Webhooks und Einträge in Kalendern anderswo gehen wieder hinaus.
backups-done-late = Jemand anders hat sie schon freigegeben.
paused-title = Das ist eine wiederhergestellte Kopie, und sie ruht
paused-text = Nichts geht hinaus: keine Nachrichten, keine Zahlungen, keine Webhooks und nichts an Kalender anderswo. Nur was jemand von Hand tut, wird nicht zurückgehalten, etwa eine Testnachricht senden oder einen Kalender verbinden.
paused-link = Ansehen und freigeben
