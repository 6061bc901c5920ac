# What staff do for patients who call or stand in front of them.
desk = Loket pendaftaran
desk-book = Pesankan untuk pasien
find-anybody = Cari siapa saja
find-anybody-hint = Nama, telepon, referensi, atau tanggal lahir
find-anybody-do = Cari
find-anybody-found = Ditemukan:
found-title = Hasil pencarian
found-nobody = Tidak ada yang cocok. Sebagian nama, nomor telepon, atau nomor referensi sudah cukup.
found-more = Masih ada lagi. Ketik nama atau nomor yang lebih lengkap.
desk-book-text = Cari pasien lewat nomor telepon. Tambahkan nama jika pasien baru.
desk-phone = Nomor telepon pasien
desk-phone-hint = Misalnya 0812 3456 7890, atau dengan kode negara.
desk-name = Nama pasien
desk-name-hint = Hanya untuk pasien baru, dan bila beberapa orang memakai telepon yang sama. Nama yang tersimpan tidak berubah.
error-patient_name-missing = Masukkan nama pasien.
error-patient_name-malformed = Masukkan nama pasien.
error-patient_phone-missing = Masukkan nomor telepon pasien.
desk-somebody-else = Pasien lain
desk-offer = Dokter dan layanan
desk-offer-choose = Pilih
desk-show-times = Tampilkan waktu
desk-check = Periksa dan pesankan untuk pasien
desk-reason-hint = Dengan kata-kata pasien. Boleh dikosongkan.
desk-walk-in = Datang langsung
desk-walk-in-text = Memesan waktu kosong pertama hari ini.
desk-walk-in-do = Pesan waktu kosong berikutnya
desk-nothing-today = { $doctor } tidak punya waktu kosong lagi hari ini.
desk-conflict-overlap = Pasien sudah punya janji temu pukul { $time } pada hari itu.

# Giving a time that the doctor does not have.
overbooked = Jadwal rangkap
overbook-title = Jadwal rangkap
overbook-text = Untuk kasus mendesak: memesan waktu yang sudah terisi atau di luar jam praktik. Janji temu yang lain tetap berlaku.
overbook-time = Waktu
overbook-time-hint = Waktu klinik, misalnya 09.20.
overbook-reason = Mengapa tidak bisa menunggu
overbook-reason-hint = Untuk riwayat janji temu. Pasien tidak melihatnya.
overbook-do = Pesan rangkap waktu ini
overbook-out-of-range = Waktu ini sudah lewat, atau terlalu jauh ke depan.
event-overbooked = Dijadwalkan rangkap
desk-too-many-of-service = Pasien sudah memiliki jumlah janji temu mendatang terbanyak untuk layanan ini.
desk-too-many-in-week = Pasien sudah memiliki jumlah janji temu terbanyak untuk layanan ini pada minggu itu.
desk-book-over-limit = Pesan melampaui batas
desk-overbook-over-limit = Pesan rangkap melampaui batas
event-over-limit = Melampaui batas layanan
event-booked-for-patient = Dipesankan untuk pasien

# Taking hours out of a day.
block-title = Blokir waktu
block-text = Mulai sekarang, tidak ada yang dapat memesan jam ini. Janji temu di dalamnya tetap berlaku.
block-choose = Pilih
block-of = Waktu { $doctor }
block-from = Dari
block-until = Sampai
block-do = Blokir waktu ini
block-saved = Diblokir: { $day }, { $from } sampai { $until }
block-kept = { $count ->
   *[other] { $count } janji temu ada di jam ini dan tetap dipesan:
}
block-stale-text = Tidak ada yang diblokir, dan isian Anda masih ada di formulir. Periksa lalu blokir waktunya sekali lagi.

# Who has read what of a patient.
reads-title = Siapa yang telah membaca data pasien ini
read-patient = membuka data pasien
read-phone = mengetik nomor telepon
read-appointment = membuka janji temu
read-history = membuka kunjungan atau resep
read-list = melihat pasien dalam daftar

# Seorang pasien, untuk admin.
patient-given-title = Dokter yang punya akses
patient-given-text = Dokter yang dipesan pasien boleh memesankan dan membaca datanya. Dokter lain yang Anda percayai juga boleh, sampai Anda menariknya kembali. Dokter yang mengetik nomor teleponnya boleh selama sehari.
patient-given-to-nobody = Tidak ada selain dokter yang dipesan pasien ini.
patient-given-by = Dipercayakan oleh { $name }, { $since } (UTC).
patient-phone-typed = Mengetik nomor telepon, { $since } (UTC).
patient-give-to = Percayakan kepada
patient-give = Percayakan
patient-take-back = Tarik kembali
patient-saved = Tersimpan.
patient-open = Akses ke pasien ini

# Hari di sebuah klinik dan minggu seorang dokter.
sheet-day = Kalender harian
sheet-elsewhere = sibuk di klinik lain
sheet-week = Minggu
sheet-week-of = { $doctor }, { $first } – { $last }, { $clinic }
sheet-nothing = Tidak ada jadwal atau janji temu
sheet-now = Sekarang
sheet-filter = Klinik dan hari
sheet-date = Tanggal
sheet-show = Tampilkan
sheet-changed = Kalender sudah diperbarui.
sheet-drag = Lepaskan di waktu kosong. Anda ditanya sebelum sesuatu dipindahkan. Escape membatalkan.
sheet-csv = Hari sebagai tabel (CSV)
sheet-week-csv = Minggu sebagai tabel (CSV)
sheet-print = Kalender dapat dicetak.
sheet-free = kosong
sheet-buffer = Jeda
sheet-break = Istirahat
sheet-absence = Tidak praktik
sheet-closure = Tutup
sheet-held = sedang dipesan
sheet-caption = Waktu ada di baris. Tombol panah berpindah antara janji temu dan waktu kosong.
sheet-expected = Sudah datang dan ditunggu
sheet-more = { $count } lagi ada di kalender di bawah.

# Records of patients.
error-records-overlap = Keduanya punya janji pada waktu yang sama. Pindahkan atau batalkan salah satunya dulu.
error-record-merged = Catatan ini sudah menjadi bagian dari catatan lain.

# Kartu pasien.
card-title = Pasien
card-email = Email
card-email-unconfirmed = belum dikonfirmasi
card-language = Bahasa
card-holder = Telepon milik
card-sharing = Memakai telepon yang sama
card-name = Nama
card-birthday = Tanggal lahir
card-note = Catatan untuk resepsionis
card-note-hint = Hanya dibaca staf. Pasien tidak membacanya.
card-save = Simpan
card-stale = Sementara itu ada yang mengubah pasien ini
card-stale-text = Yang Anda ketik masih ada di formulir. Lihat perubahan di bawah, lalu simpan lagi.
card-coming = Janji mendatang
card-nothing-coming = Belum ada janji.
card-book = Buat janji untuk pasien ini
card-past = Janji sebelumnya
card-missed = { $count ->
    [0] Selalu datang
   *[other] { $count } kali tidak datang
}
card-arrived = Tiba pukul { $time }
card-changes = Yang diubah
card-changed-name = Nama
card-changed-birthday = Tanggal lahir
card-changed-note = Catatan
card-changed-by-patient = pasien
error-birthday-malformed = Tulis tanggal lahir seperti 1984-05-17. Tidak boleh di masa depan.
error-desk_note-too-long = Catatan terlalu panjang.

# Dua catatan satu orang.
merge-section = Dua catatan satu orang
merge-begin = Pasien ini punya catatan lain
merge-choose-title = Mana catatan lain dari { $patient }?
merge-choose-text = Pilih catatan yang menjadi bagian dari catatan ini. Tidak ada yang dilakukan sebelum Anda membandingkan keduanya.
merge-alike = Nama atau telepon yang sama
merge-search = Cari
merge-search-label = Nama atau nomor telepon
merge-nobody = Tidak ditemukan.
merge-title = Jadikan dua catatan satu
merge-text = Bandingkan dulu. Catatan yang hilang tidak dipakai lagi; isinya pindah ke catatan yang tetap.
merge-other = Catatan lain
merge-swap = Pertahankan yang lain
merge-stays = Tetap
merge-goes = Hilang
merge-nothing = tidak ada
merge-last = Terakhir: { $when }
merge-since = Dikenal sejak { $when }
merge-keep = Yang disimpan
merge-moves = Janji beserta isinya, kunjungan, pesan, dan siapa yang memakai telepon yang sama ikut pindah. Jika nomor telepon keduanya sama, sesi dan token ikut pindah. Jika nomornya dua, sesi dan token dari catatan yang hilang berakhir, dan dari keduanya jika nomor catatan itu yang disimpan. Catatan untuk petugas dari keduanya disimpan. Ini bisa dibatalkan selama sehari.
merge-do = Jadikan satu catatan
merge-done = { $count ->
    [0] Keduanya kini satu catatan.
   *[other] Keduanya kini satu catatan. { $count } janji pindah.
}
merge-done-text = Di bawah ini, penggabungan bisa dibatalkan selama sehari.
merge-was-made = { $name } menjadi bagian dari catatan ini: { $who }, { $when }
merge-was-undone = { $name } pernah menjadi bagian dari catatan ini, dan kini tidak lagi: { $who }, { $when }
merge-undo = Batalkan penggabungan
merge-undone = { $count ->
    [0] Kini dua catatan lagi.
   *[other] Kini dua catatan lagi. { $count } janji kembali.
}
merge-undone-since = { $count } janji dibuat sejak itu, dan tetap di sini. Pindahkan sendiri jika itu milik yang lain.
merge-undone-phone = Nomor telepon catatan lain kini milik orang lain, sehingga catatan itu memakai nomor catatan ini.
phones-merge = Bandingkan kedua catatan
