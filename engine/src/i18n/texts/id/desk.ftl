# What staff do for patients who call or stand in front of them.
desk = Loket pendaftaran
desk-book = Pesankan untuk pasien
find-anybody = Cari siapa saja
find-anybody-hint = Nama, telepon, atau referensi
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
