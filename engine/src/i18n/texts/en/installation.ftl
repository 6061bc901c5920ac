# Backups, and a copy that was restored from one.
nav-backups = Backups
backups-title = Backups
backups-intro = A backup has everything that the database has, as it was at one moment. Times are in UTC.
backups-last = The last backup
backups-when = Made
backups-file = File
backups-size = Size
backups-kilobytes = { $count } kB
backups-megabytes = { $count } MB
backups-rows-count = { $count ->
    [one] one row
   *[other] { $count } rows
}
backups-elsewhere = A backup on the disk of the server is lost together with it: keep copies elsewhere, encrypted.
backups-none-title = There is no backup yet
backups-none-yet = The first one is made within minutes, and then one each night. The last seven are kept.
backups-none-here = This server makes none by itself: its database is looked after elsewhere, or is a demo. Whoever runs it can name a directory for daily backups.
backups-failed = { $count ->
    [one] The last backup failed
   *[other] The last { $count } backups failed
}
backups-failed-text = The log of the server says why. It is tried again every hour.
backups-old = The last backup is { $hours } hours old
backups-restored = This is the backup of { $from }, restored on { $since }.
backups-paused-since = Nothing has left this copy since { $since }.
backups-waiting = { $count ->
    [0] No message waited in the backup.
    [one] One message waited in the backup and is due by now.
   *[other] { $count } messages waited in the backup and are due by now.
}
backups-release-title = Let it work
backups-release-text = Choose this if the first installation does not run any more, and stays switched off. What waited in the backup is not sent: it was sent in all probability. Messages from now on are.
backups-release-do = Let it work, without the old messages
backups-send-title = Let it work, and send what waited
backups-send-text = Choose this only if the first installation cannot have sent anything since the backup. Otherwise people are told twice.
backups-send-do = Let it work, and send the old messages
backups-done-released = It works: messages, payments, webhooks and what is for calendars elsewhere leave again.
backups-done-late = Somebody else has released it already.
paused-title = This is a restored copy, and it is paused
paused-text = Nothing leaves it: no messages, no payments, no webhooks, and nothing for calendars elsewhere. Only what somebody does by hand is not held back, such as sending a test or linking a calendar.
paused-link = Look at it and let it work
