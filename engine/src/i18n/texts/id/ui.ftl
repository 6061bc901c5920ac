# Every page.
error = Kesalahan
footer = Janji menepati janjinya: waktu yang sudah diberikan kepada Anda tetap milik Anda.
skip-to-content = Langsung ke isi
nav-main = Menu utama
nav-find = Cari jadwal
nav-appointments = Janji temu saya
nav-today = Hari ini
nav-board = Janji temu
nav-doctors = Dokter
find-my-booking = Cari janji temu saya
for-staff = Untuk staf
signed-in = Sudah masuk
sign-in = Masuk
sign-out = Keluar
language = Bahasa
optional = (opsional)
continue = Lanjutkan
change = Ubah
to-start = Ke halaman awal
there-is-a-problem = Ada masalah

# The demo.
demo = Demo
demo-ribbon = Demo: semua yang ada di sini tidak nyata.
demo-messages-link = Pesan yang seharusnya dikirim
messages-title = Pesan
messages-intro = Dalam demo ini tidak ada yang dikirim. Pesan yang seharusnya dikirim lewat SMS atau email ditampilkan di sini, mulai dari yang terbaru.
messages-empty-title = Belum ada pesan
messages-empty-text = Saat seseorang masuk lewat telepon, kodenya muncul di sini.

# Dates. Weekdays and months are shortened to their first three letters where there is little room.
date-long = { $weekday }, { $day } { $month } { $year }
date-short = { $weekday }, { $day } { $month }
zone-from = { $zone }, mulai { $date } { $offset }
weekday-monday = Senin
weekday-tuesday = Selasa
weekday-wednesday = Rabu
weekday-thursday = Kamis
weekday-friday = Jumat
weekday-saturday = Sabtu
weekday-sunday = Minggu
month-january = Januari
month-february = Februari
month-march = Maret
month-april = April
month-may = Mei
month-june = Juni
month-july = Juli
month-august = Agustus
month-september = September
month-october = Oktober
month-november = November
month-december = Desember

# Pages that cannot be shown.
not-found-title = Maaf, kami tidak menemukannya
not-found-text = Tidak ada apa-apa di sini, atau halaman ini bukan untuk Anda.
forbidden-title = Tidak tersedia untuk akun ini
forbidden-text = Anda masuk dengan akun yang tidak dapat melakukan hal ini.
unavailable-title = Maaf, kami belum dapat melayani saat ini
unavailable-text = Basis data kami tidak merespons. Silakan coba lagi sesaat lagi: tidak ada yang dilakukan dua kali.
internal-title = Maaf, ada yang salah di pihak kami
internal-text = Kami sudah mencatatnya. Tidak ada yang berubah.

# Errors.
error-unauthenticated = Silakan masuk terlebih dahulu.
error-rate-limited = Terlalu banyak percobaan. Mohon tunggu sebentar, paling lama seperempat jam, lalu coba lagi.
error-busy = Kami tidak dapat menyelesaikannya tepat waktu. Tidak ada yang dipesan atau diubah. Silakan coba lagi.
error-wrong-code = Kode ini salah atau sudah tidak berlaku. Periksa kembali, atau minta kode baru.
error-wrong-password = Email dan kata sandi tidak cocok.
error-invalid-transition = Hal itu tidak dapat dilakukan lagi untuk janji temu ini.
error-stale-version = Ada yang mengubahnya saat Anda sedang melihatnya.
error-slot-taken = Jadwal ini baru saja diambil.
error-hold-expired = Waktu penyimpanan jadwal Anda habis dan orang lain telah mengambilnya.
error-patient-overlap = Anda sudah punya janji temu pada waktu itu.
error-slot-closed = Klinik telah menutup jadwal ini.
error-phone-missing = Masukkan nomor telepon Anda.
error-phone-too-long = Masukkan nomor telepon yang lebih pendek.
error-phone-malformed = Masukkan nomor telepon seperti 0812 3456 7890 atau +62 812 3456 7890.
error-code-missing = Masukkan kode dari pesan.
error-code-too-long = Kode terdiri dari enam angka.
error-code-malformed = Kode terdiri dari enam angka.
error-name-missing = Masukkan nama Anda.
error-name-too-long = Masukkan nama yang lebih pendek, paling banyak 120 karakter.
error-name-malformed = Masukkan nama Anda.
error-reason-missing = Tuliskan alasannya.
error-reason-too-long = Tuliskan dalam paling banyak 500 karakter.
error-reason-malformed = Tuliskan alasannya.
error-email-missing = Masukkan alamat email.
error-email-too-long = Masukkan alamat email yang lebih pendek.
error-email-malformed = Masukkan alamat email seperti nama@klinik.example.
error-password-missing = Masukkan kata sandi Anda.
error-password-too-long = Masukkan kata sandi yang lebih pendek.
error-password-malformed = Masukkan kata sandi Anda.
error-starts_at-missing = Pilih jadwal.
error-starts_at-too-long = Pilih jadwal.
error-starts_at-malformed = Jadwal ini tidak dapat dipilih.
error-status-missing = Pilih tindakan yang diinginkan.
error-status-too-long = Pilih tindakan yang diinginkan.
error-status-malformed = Pilih tindakan yang diinginkan.
error-version-missing = Formulir tidak lengkap. Muat ulang halaman ini.
error-version-too-long = Formulir tidak lengkap. Muat ulang halaman ini.
error-version-malformed = Formulir tidak lengkap. Muat ulang halaman ini.
error-body-missing = Formulir tidak lengkap. Muat ulang halaman ini.
error-body-too-long = Formulir terlalu panjang.
error-body-malformed = Formulir tidak dapat dibaca. Muat ulang halaman ini.

# Requests that come twice
error-idempotency-conflict = Formulir ini sudah terkirim dengan isi yang lain. Lihat hasilnya, lalu mulai lagi dari halaman yang baru.
error-idempotency_key-missing = Kunci permintaan tidak ada.
error-idempotency_key-too-long = Kunci permintaan terlalu panjang: paling banyak 200 karakter.
error-idempotency_key-malformed = Kunci permintaan harus berupa karakter ASCII yang dapat dicetak.
try-again = Coba lagi
