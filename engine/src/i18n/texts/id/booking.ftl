# Finding a doctor.
start-title = Buat janji temu Anda
start-intro = Pilih dokter dan jadwal. Selama Anda mengisi sisanya, kami menyimpan jadwal itu untuk Anda.
search-words = Nama atau spesialisasi
speciality = Spesialisasi
clinic = Klinik
spoken-language = Bahasa
any = Semua
find = Cari
more-filters = Klinik, bahasa, spesialisasi
doctors-found = { $count ->
   *[other] { $count } dokter
}
not-open-title = Belum ada yang dapat dipesan di sini
not-open-text = Klinik ini masih menyiapkan kalendernya. Silakan kembali lagi nanti.
no-doctors-title = Tidak ada dokter yang cocok
no-doctors-text = Coba gunakan lebih sedikit kata, atau pilih klinik lain.
all-doctors = Semua dokter
next-free = Terdekat: { $day }, { $time }
nothing-free-soon = Tidak ada jadwal kosong dalam dua minggu ke depan
choose-a-time = Pilih jadwal
language-en = Inggris
language-id = Indonesia
language-de = Jerman
language-jv = Jawa
language-mi = Maori
language-fr = Prancis
language-zh = Tionghoa
language-nl = Belanda
language-tr = Turki
language-es = Spanyol

# Choosing a time.
times-title = Jadwal { $doctor }
what-to-book = Layanan apa yang Anda perlukan?
chosen-service = { $service }, { $clinic }
another-service = Ganti layanan atau klinik
another-clinic = Ganti klinik
minutes = { $count ->
   *[other] { $count } menit
}
zone-note = Semua waktu adalah waktu setempat klinik ({ $zone }).
times-left = Tersisa { $free } dari { $all } jadwal
morning = Pagi
afternoon = Siang dan sore
days = Hari
jump-to-day = Ke hari tertentu
jump-from = Tampilkan jadwal mulai
jump-do = Tampilkan
earlier-days = Hari sebelumnya
later-days = Hari berikutnya
no-times-title = Tidak ada jadwal kosong
no-times-text = Semua jadwal sudah terisi untuk saat ini. Coba layanan lain atau dokter lain.
about-doctor = Tentang { $doctor }
our-clinics = Lokasi kami
just-taken = baru saja diambil
just-taken-announcement = { $time } baru saja diambil.

# Steps.
steps = Langkah
step-time = Jadwal
step-details = Data
step-check = Periksa
step-done = Selesai
other-time = Pilih jadwal lain
details-title = Data Anda
reason-label = Alasan kunjungan
reason-hint = Beberapa kata membantu dokter Anda mempersiapkan diri. Hanya klinik yang melihatnya.
no-reason = Tidak diisi
holding = Jadwal pukul { $time } kami simpan untuk Anda sampai pukul { $until } ({ $zone }).
hold-minutes-left = Sisa { $minutes } menit.
hold-last-minute = Sisa kurang dari satu menit.
hold-ran-out = Waktu penyimpanan jadwal sudah habis. Jadwalnya mungkin masih kosong: lanjutkan, dan kami memeriksanya.
keep-longer = Simpan lebih lama
unfinished-title = Sebuah jadwal disimpan untuk Anda
unfinished-go-on = Lanjutkan janji temu ini
let-go-title = Anda memilih jadwal lain
let-go-notice = Jadwal ini tidak lagi disimpan untuk Anda.
let-go-text = Kami menyimpan satu jadwal untuk Anda. Saat Anda memilih jadwal lain, mungkin di tab lain, jadwal ini dilepas: { $time }. Belum ada yang dipesan.
let-go-other = Yang disimpan untuk Anda sekarang: { $time }.
let-go-go-on = Lanjutkan dengan yang itu
let-go-again = Simpan jadwal ini lagi
check-title = Periksa dan buat janji temu
book-now = Buat janji temu ini
doctor = Dokter
service = Layanan
when = Waktu
where = Tempat
clinic-phone = Telepon klinik
where-video = Lewat video ({ $clinic })
where-text = Lewat pesan tertulis ({ $clinic })

# When two people want the same thing.
conflict-taken = Jadwal pukul { $time } baru saja diambil.
conflict-hold-expired = Waktu penyimpanan jadwal Anda habis dan orang lain telah mengambilnya.
conflict-closed = Klinik telah menutup jadwal ini.
conflict-overlap = Anda sudah punya janji temu pukul { $time } pada hari itu.
conflict-nothing-lost = Data yang Anda isi tidak hilang. Jadwal berikut masih kosong saat ini:
all-times = Semua jadwal
view-it = Lihat janji temu itu
move-it-here = Pindahkan janji temu itu ke jadwal ini
busy-then = Anda punya janji temu saat itu
