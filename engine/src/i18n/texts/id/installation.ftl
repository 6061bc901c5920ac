# Cadangan, dan salinan yang dipulihkan dari cadangan.
nav-backups = Cadangan
backups-title = Cadangan data
backups-intro = Cadangan berisi semua yang ada di basis data, seperti keadaannya pada satu saat. Waktu dalam UTC.
backups-last = Cadangan terakhir
backups-when = Dibuat
backups-file = Berkas
backups-size = Ukuran
backups-kilobytes = { $count } kB
backups-megabytes = { $count } MB
backups-rows-count = { $count } baris
backups-elsewhere = Cadangan di cakram server ikut hilang bersamanya: simpan salinannya di tempat lain, terenkripsi.
backups-none-title = Belum ada cadangan
backups-none-yet = Yang pertama dibuat dalam beberapa menit, lalu satu setiap malam. Tujuh yang terakhir disimpan.
backups-none-here = Server ini tidak membuatnya sendiri, karena basis datanya diurus di tempat lain, atau ini hanya demo. Pengelola server dapat menentukan direktori untuk cadangan harian.
backups-failed = { $count ->
    [one] Cadangan terakhir gagal
   *[other] { $count } cadangan terakhir gagal
}
backups-failed-text = Alasannya ada di log server. Setiap jam dicoba lagi.
backups-old = Cadangan terakhir sudah berumur { $hours } jam
backups-restored = Ini cadangan dari { $from }, dipulihkan pada { $since }.
backups-paused-since = Tidak ada yang keluar dari salinan ini sejak { $since }.
backups-waiting = { $count ->
    [0] Tidak ada pesan yang menunggu di dalam cadangan.
   *[other] { $count } pesan menunggu di dalam cadangan dan kini sudah waktunya.
}
backups-release-title = Mulai bekerja
backups-release-text = Pilih ini jika instalasi pertama tidak berjalan lagi dan tetap dimatikan. Pesan yang menunggu di dalam cadangan tidak dikirim, karena kemungkinan besar sudah terkirim. Pesan mulai sekarang dikirim.
backups-release-do = Mulai bekerja, tanpa pesan lama
backups-send-title = Mulai bekerja, dan kirim yang menunggu
backups-send-text = Pilih ini hanya jika instalasi pertama tidak mungkin mengirim apa pun sejak cadangan dibuat. Jika tidak, orang diberi tahu dua kali.
backups-send-do = Mulai bekerja, dan kirim pesan lama
backups-done-released = Sudah bekerja: pesan, pembayaran, webhook, dan entri kalender di tempat lain keluar lagi.
backups-done-late = Orang lain sudah melepasnya.
paused-title = Ini salinan yang dipulihkan, dan sedang dijeda
paused-text = Tidak ada yang keluar darinya: tidak ada pesan, pembayaran, webhook, atau entri untuk kalender di tempat lain. Hanya yang dilakukan seseorang dengan tangan tidak ditahan, misalnya mengirim pesan uji atau menghubungkan kalender.
paused-link = Periksa lalu mulai bekerja
