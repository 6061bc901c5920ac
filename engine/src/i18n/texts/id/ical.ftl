# Kalender di tempat lain.
calendar-name = Janji temu
calendar-event = Janji temu
calendar-requested = { $what } (diminta)
calendar-cancelled = { $what } (dibatalkan)
calendar-reference = Nomor referensi { $reference }

# Halamannya.
calendar-add = Tambahkan ke kalender saya
calendar-link = Sinkronkan dengan kalender saya
calendar-title = Janji temu di kalender Anda sendiri
calendar-intro = Kalender di ponsel atau komputer Anda dapat menampilkan janji temu Anda di sini dan mengikuti perubahannya. Untuk itu diperlukan alamat pribadi.
calendar-make-title = Buat tautan kalender
calendar-make = Buat tautan kalender
calendar-new-title = Buat alamat baru
calendar-new-hint = Alamat yang sekarang langsung berhenti berlaku, dan kalender Anda tidak diperbarui sampai memakai yang baru.
calendar-make-new = Buat yang baru
calendar-what = Apa yang ditampilkan?
calendar-neutral = Hanya bahwa ada janji temu
calendar-neutral-hint = Dengan waktu dan alamat jalan. Orang lain yang melihat kalender Anda tidak tahu untuk apa.
calendar-detailed = Dengan rincian
calendar-detailed-patient = Dengan layanan, dokter, dan klinik. Siapa pun yang punya alamatnya dapat membacanya.
calendar-detailed-doctor = Dengan nama pasien, layanan, dan klinik. Siapa pun yang punya alamatnya dapat membacanya.
calendar-made = Alamat Anda sudah siap
calendar-once = Hanya ditampilkan sekarang: salin, atau buka di kalender Anda. Siapa pun yang memilikinya dapat membaca janji temu Anda, jadi jangan berikan kepada siapa pun.
calendar-address = Alamat kalender Anda
calendar-address-hint = Di kalender Anda, pilih “Berlangganan” atau “Dari URL”, lalu tempelkan di sana.
calendar-subscribe = Berlangganan di aplikasi kalender
calendar-present = Alamat Anda saat ini
calendar-made-at = Dibuat
calendar-used-at = Terakhir diambil
calendar-unused = Belum
calendar-told = Menampilkan
calendar-is-neutral = Hanya bahwa ada janji temu
calendar-is-detailed = Rincian: siapa pun yang punya alamatnya dapat membacanya
calendar-revoke-hint = Jika orang lain mungkin memilikinya, cabut alamat ini. Setelah itu kalender Anda tidak diperbarui lagi.
calendar-revoke = Cabut alamat
calendar-revoked = Alamat itu sudah dicabut. Alamat itu tidak berfungsi lagi.
