# Signing in.
sms-code = { $code } adalah kode Janji Anda. Kode ini berlaku { $minutes } menit. Pihak klinik tidak akan pernah memintanya dari Anda.
sign-in-title = Masuk dengan nomor telepon
sign-in-intro = Agar Anda dapat melihat, memindahkan, atau membatalkan janji temu, kami mengirim kode ke telepon Anda.
sign-in-by-phone = Masuk lewat telepon
find-title = Cari janji temu saya
find-intro = Masukkan nomor telepon yang Anda pakai saat memesan. Kami mengirim kode ke nomor itu, lalu Anda melihat janji temu Anda.
find-reference = Nomor referensi, jika ada
find-reference-hint = Misalnya K7QM-4D2P. Janji temu itu langsung terbuka.
find-open = Buka janji temu
staff-question = Anda bekerja di sini?
patient-question = Anda pasien?
staff-sign-in = Masuk untuk staf
staff-sign-in-intro = Untuk dokter, resepsionis, dan admin.
email-label = Email
password-label = Kata sandi
phone-label = Nomor telepon
phone-hint = Kami mengirim kode lewat SMS. Anda tidak dikenai biaya.
send-code = Kirim kode
other-phone = Gunakan nomor telepon lain
code-back = Kembali ke data Anda
code-title = Masukkan kode
code-intro = Kode enam angka sedang dikirim ke { $phone }. Kode ini berlaku { $minutes } menit.
code-intro-no-sender = Klinik ini sedang tidak dapat mengirim pesan, jadi tidak ada kode yang sampai ke { $phone }: silakan telepon klinik. Kode yang Anda punya berlaku { $minutes } menit.
code-demo = Ini demo: kodenya tidak dikirim, tetapi dapat dilihat di sini:
code-label = Kode
send-again = Kirim kode baru
code-again = Kode baru sedang dikirim ke { $phone }. Kode sebelumnya tidak berlaku lagi.
name-label = Nama Anda
name-hint = Nama lengkap Anda, seperti di kartu BPJS atau asuransi.

# Token untuk program.
tokens-title = Akses API
tokens-for-programs = Untuk program
tokens-intro = Program yang bertindak untuk Anda, misalnya kalender atau skrip, memerlukan token dari Anda. Beri setiap program token sendiri yang hanya mengizinkan seperlunya; Anda dapat mencabutnya kapan saja.
tokens-how = Cara program memakainya
tokens-list = Token Anda
tokens-empty-title = Belum ada program yang bertindak untuk Anda
tokens-empty-text = Token yang Anda buat akan muncul di sini.
tokens-sign-in = Program yang masuk
tokens-may = Boleh
tokens-made = Dibuat
tokens-last-used = Terakhir dipakai
tokens-never = Belum pernah
tokens-expires = Berakhir
tokens-new = Buat token
tokens-name = Untuk apa token ini?
tokens-name-hint = Dengan nama ini Anda menemukannya lagi, misalnya “Kalender di dinding”.
tokens-scopes = Apa yang boleh dilakukan program?
tokens-days = Untuk berapa lama?
tokens-days-of = { $count ->
    [365] Satu tahun
   *[other] { $count } hari
}
tokens-make = Buat token ini
tokens-revoke = Cabut
tokens-revoke-text = Program langsung ditolak. Ini tidak dapat dibatalkan.
tokens-revoke-really = Cabut sekarang
tokens-told = Token “{ $name }”
tokens-told-text = Salin sekarang dan berikan kepada program: token hanya ditampilkan sekali ini. Siapa pun yang memilikinya dapat bertindak atas nama Anda.
tokens-token = Token
tokens-was-told = “{ $name }” sudah dibuat
tokens-was-told-text = Tokennya sudah ditampilkan sekali dan tidak dapat ditampilkan lagi. Jika Anda tidak memilikinya, cabut lalu buat yang baru.
tokens-revoked = Token sudah dicabut
tokens-revoked-text = Program yang menunjukkannya ditolak mulai sekarang.
scope-everything = Semua yang boleh Anda lakukan
scope-read = Melihat
scope-book = Memesan
scope-treat = Meresepkan
scope-plan = Menjadwalkan
scope-organise = Mengelola
scope-webhooks = Webhook
scope-read-patient = Janji temu, kunjungan, dan resep Anda.
scope-read-doctor = Kalender, pasien, dan jadwal kerja Anda.
scope-read-admin = Semua yang Anda lihat, termasuk semua janji temu dan pasien.
scope-book-patient = Memesan, memindahkan, membatalkan, dan menilai untuk Anda.
scope-book-doctor = Memesan, memindahkan, dan membatalkan di kalender Anda, menjawab permintaan, dan menjalankan kunjungan.
scope-book-admin = Memesan, memindahkan, membatalkan, dan menjawab untuk siapa saja, serta mendaftarkan pasien.
scope-treat-doctor = Menulis resep untuk kunjungan Anda.
scope-plan-doctor = Mengubah jadwal kerja, pengecualian, dan ketidakhadiran Anda.
scope-plan-admin = Mengubah jadwal kerja, pengecualian, dan ketidakhadiran, serta menutup klinik.
scope-organise-admin = Mengubah layanan, klinik, dan apa yang ditawarkan dokter.
scope-webhooks-doctor = Memberi tahu program lain tentang apa yang terjadi pada janji temu Anda.
scope-webhooks-admin = Memberi tahu program lain tentang apa yang terjadi pada janji temu, dan melihat semua webhook.
error-token_name-missing = Sebutkan untuk apa token ini.
error-token_name-too-long = Pilih nama yang lebih pendek, paling banyak 60 karakter.
error-scopes-missing = Pilih setidaknya satu hal yang boleh dilakukan program.
error-scopes-malformed = Pilih dari yang ditawarkan.
error-days-malformed = Pilih untuk berapa lama, paling lama 366 hari.
error-tokens-too-many = Jumlah token Anda sudah mencapai batas. Cabut salah satu dulu.

# Forms whose session had ended.
session-ended-title = Anda sudah keluar
session-ended-text = Sesi Anda berakhir sebelum formulir diterima, jadi belum ada yang dilakukan. Masuk lagi, dan Anda kembali ke formulir dengan isian Anda.
unsent-title = Formulir Anda belum terkirim
unsent-text = Anda sempat keluar. Ini isian Anda: periksa, lalu kirim lagi.
hold-gone-title = Waktu ini tidak lagi ditahan untuk Anda
hold-gone-text = Belum ada yang dipesan. Waktu yang Anda pilih mungkin masih kosong: silakan pilih lagi. Yang sudah Anda pesan ada di daftar janji temu Anda.
error-cookies-missing = Peramban Anda tidak menerima kuki. Tanpa kuki kami tidak dapat menahan waktu atau mengenali Anda, jadi tidak ada waktu yang ditahan dan tidak ada kode yang dikirim. Izinkan kuki untuk situs ini lalu coba lagi.

# Guesses, and closed accounts.
error-sign-in-guarded = Terlalu banyak kode salah dimasukkan untuk nomor telepon ini dalam beberapa hari terakhir. Di tempat yang belum pernah Anda pakai untuk masuk, kode saja tidak cukup: silakan telepon klinik, yang dapat mengizinkan Anda masuk.
error-phone-abroad = Kami tidak mengirim kode ke nomor negara ini. Gunakan nomor lain, atau telepon klinik.
error-phone-unknown = Tidak ada pasien dengan nomor ini.
error-reference-missing = Masukkan nomor referensi.
error-reference-malformed = Nomor referensi terdiri dari delapan huruf dan angka, misalnya K7QM-4D2P.
error-reference-unknown = Tidak ada janji temu Anda dengan nomor referensi ini.
phone-access-title = Masuk dengan telepon
phone-access-text = Setelah banyak kode salah, telepon tidak dapat masuk dari tempat baru: izinkan jika Anda tahu siapa yang menelepon. Pasien yang akunnya ditutup dikeluarkan di mana pun dan tidak dapat masuk.
phone-access-phone = Nomor telepon pasien
phone-access-let-in = Izinkan masuk
phone-access-close = Tutup akun
phone-access-open = Buka akun

number-days-title = Nomor yang berpindah tangan
number-days-text = Operator memberikan nomor yang dilepas kepada orang lain, yang lalu dapat menerima kodenya. Tentukan berapa hari konfirmasi nomor berlaku: setelah itu, kode saja hanya membuka yang dipesan dalam sekian hari. Halaman pasien punya tombol untuk membuka sisanya.
number-days-label = Berapa hari nomor yang dikonfirmasi berlaku
number-days-hint = Kosongkan, dan kode membuka semuanya. 90 adalah pilihan yang baik.
number-title = Nomor telepon
number-confirmed-by = Dikonfirmasi oleh { $name }: { $when }.
number-confirmed-never = Belum pernah dikonfirmasi.
number-lapsed = Itu tidak berlaku lagi: kode saja hanya membuka yang baru dipesan.
number-confirm-text = Konfirmasikan bila Anda tahu siapa di depan Anda, dan ini memang nomornya.
number-confirm = Ini nomornya
number-confirmed-now = Nomor dikonfirmasi: kode membuka semuanya lagi.
number-older-title = Janji temu lama tidak ditampilkan
number-older-text = Sudah lama kami tidak memeriksa apakah nomor telepon ini masih milik Anda. Datanglah ke meja depan atau telepon klinik: langsung dikonfirmasi.

# Nama pasien dan keluarganya.
account-name = Nama
account-name-text = Klinik memanggil Anda dengan nama ini. Siapa yang mengubahnya, dan nama sebelumnya, dicatat.
account-own-name = Nama Anda
account-relative-name = Nama orang lain dengan telepon Anda
account-name-save = Simpan nama
account-name-done = Nama disimpan.
