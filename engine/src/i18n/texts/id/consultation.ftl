# Konsultasi lewat pesan dan video.
consultation = Konsultasi
consultation-with = Konsultasi dengan { $name }
consultation-open = Buka konsultasi
consultation-read = Baca konsultasi
consultation-opens = Anda dapat saling menulis mulai { $when }.
consultation-opens-confirmed = Konsultasi dibuka setelah janji temu dikonfirmasi.
consultation-is-open = Anda dapat saling menulis sampai { $when }.
consultation-closed = Konsultasi ini sudah ditutup. Anda masih dapat membacanya.
consultation-none = Belum ada pesan
consultation-messages = Pesan
consultation-you = Anda
consultation-sent = Terkirim
consultation-seen = Dilihat
consultation-message = Pesan Anda
consultation-message-hint = Jangan gunakan untuk keadaan darurat: hubungi layanan darurat.
consultation-send = Kirim
consultation-reload = Lihat pesan baru
consultation-print = Untuk mencetak halaman ini, gunakan fungsi cetak di peramban Anda.
consultation-new-message = Pesan baru
consultation-news = Ada yang baru.
consultation-unread = { $count } pesan baru
consultation-waiting = Pesan baru
video-join = Masuk ke konsultasi video
video-title = Konsultasi video
video-opens = Anda dapat masuk mulai { $when }.
video-opens-confirmed = Anda dapat masuk setelah janji temu dikonfirmasi.
video-over = Waktu untuk masuk sudah lewat.
video-not-configured = Klinik belum menyiapkan tautan video. Klinik akan memberi tahu cara Anda bertemu: { $phone }.
video-note = Anda dapat masuk mulai 15 menit sebelum waktu mulai. Tautan ini hanya untuk Anda berdua.

# Kesalahan.
error-consultation-closed = Anda tidak dapat menulis di sini sekarang. Yang Anda ketik tidak terkirim.
error-message-missing = Tulis pesan.
error-message-too-long = Tulis paling banyak 4.000 karakter dalam satu pesan.
error-message-malformed = Tulis pesan.
error-message-too-many = Konsultasi ini sudah memuat pesan sebanyak mungkin. Silakan telepon klinik.
