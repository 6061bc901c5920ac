# A patient's appointments.
mine-empty-title = Belum ada janji temu
mine-empty-text = Setelah Anda membuat janji temu, janji itu muncul di sini.
coming = Akan datang
past = Sudah lewat
nothing-coming = Tidak ada janji temu yang akan datang.
book-another = Buat janji temu lagi
reschedule = Ubah jadwal
cancel = Batalkan
done-requested = Permintaan Anda sudah sampai ke dokter
done-confirmed = Janji temu Anda sudah dikonfirmasi
done-answer = { $doctor } akan menjawab paling lambat { $until }. Sampai saat itu, jadwal ini disimpan untuk Anda.
done-in-person = Mohon datang ke klinik lima menit lebih awal dan bawa kartu BPJS atau asuransi Anda.
done-video = Buka halaman ini pada waktu janji temu Anda, di tempat yang tenang.
done-text = Dokter akan mengirim pesan kepada Anda pada waktu janji temu.
done-call = Jika Anda berhalangan, ubah jadwal atau batalkan di sini, atau hubungi { $phone }.
what-happens-next = Langkah selanjutnya
your-reference = Nomor referensi Anda
view-appointment = Lihat janji temu
moved = Janji temu Anda sudah dipindahkan.
cancelled-now = Janji temu Anda sudah dibatalkan. Jadwalnya tersedia untuk orang lain.
visit-cancelled-now = Kunjungan Anda sudah dibatalkan: semua yang tersisa.
book-again = Buat janji temu lagi
too-late = Jadwal ini sudah tidak dapat diubah secara daring. Silakan hubungi { $phone }.
cancel-title = Batalkan janji temu ini?
cancel-intro = Jadwal ini akan langsung tersedia untuk orang lain.
cancel-reason = Bolehkah kami tahu alasannya?
cancel-now = Batalkan janji temu
keep-it = Jangan batalkan
reschedule-title = Pilih jadwal lain
reschedule-intro = Janji temu Anda: { $when }. Janji ini tetap berlaku sampai Anda memilih jadwal lain.
move-check-title = Pindahkan janji temu ini?
move-from = Sekarang
move-to = Menjadi
move-check-text = Sebelum Anda memindahkannya, jadwal sekarang tetap milik Anda.
move-do = Pindahkan ke jadwal ini
print = Cetak
clinic-says = Pesan dari klinik

# Where an appointment is in its life, for patients and staff alike.
status-held = Ditahan sementara
status-pending = Menunggu jawaban dokter
status-confirmed = Dikonfirmasi
status-in-progress = Sedang berlangsung
status-completed = Selesai
status-cancelled = Dibatalkan
status-rejected = Ditolak
status-expired = Kedaluwarsa
status-no-show = Tidak datang

# Actions on an appointment.
do-confirmed = Konfirmasi
do-in-progress = Mulai
do-completed = Selesaikan
do-rejected = Tolak
do-cancelled = Batalkan
do-no-show = Tidak datang
more = Lainnya
open = Buka

# Notices after an action, one line each.
history = Riwayat
event-held = Waktu dipilih
event-pending = Diajukan
event-booked = Dipesan
event-confirmed = Dikonfirmasi
event-in-progress = Dimulai
event-completed = Selesai
event-cancelled = Dibatalkan
event-rejected = Ditolak
event-expired = Kedaluwarsa tanpa jawaban
event-hold-expired = Waktu yang ditahan habis
event-let-go = Dilepas untuk waktu lain
event-no-show = Tidak datang
event-moved = Dipindahkan
event-from-to = dari { $from } ke { $to }
event-by = oleh { $who }
event-by-for-doctor = oleh { $who } atas nama dokter

# Somebody else was faster. "who" is the subject of the sentence, with its auxiliary verb where the language has one.
happened-you = Anda
happened-patient = Pasien
happened-clinic = Klinik
happened-named = { $name }
happened-at = pukul { $time }
happened-on = pada { $date } pukul { $time }
happened-held = { $who } memilih waktu ini { $when }
happened-pending = { $who } mengajukan janji temu ini { $when }
happened-booked = { $who } memesan janji temu ini { $when }
happened-moved = { $who } memindahkan janji temu ini { $when }
happened-confirmed = { $who } mengonfirmasi janji temu ini { $when }
happened-in-progress = { $who } memulai janji temu ini { $when }
happened-completed = { $who } menyelesaikan janji temu ini { $when }
happened-cancelled = { $who } membatalkan janji temu ini { $when }
happened-rejected = { $who } menolak janji temu ini { $when }
happened-expired = Permintaan ini kedaluwarsa { $when } karena belum dijawab
happened-hold-expired = Waktu yang ditahan habis { $when }
happened-no-show = { $who } mencatat { $when } bahwa pasien tidak datang
happened-plain = { $what }.
happened-meanwhile = { $what }, saat Anda sedang melihatnya.
happened-too-late = Janji temu ini sudah tidak dapat diubah secara daring.
happened-not-started = Janji temu ini belum dimulai, jadi belum ada yang tidak datang.
happened-not-possible = Janji temu ini saat ini tidak dapat diubah seperti itu.
happened-call = Silakan telepon { $clinic }:
happened-not-made = Perubahan Anda tidak disimpan. Status sekarang:
happened-already = Sudah seperti yang Anda inginkan. Sekarang:
happened-try-again = Coba lagi: { $step }
happened-view = Lihat janji temu
happened-leave = Biarkan seperti ini

# An appointment, for staff.
no-patient-name = Pasien tanpa nama
facts = Keterangan
fact-patient = Pasien
fact-reference = Nomor referensi
fact-answer-until = Jawab sebelum
visit-at-clinic = di klinik
visit-by-video = lewat video
visit-by-text = lewat pesan
clinic-time = Waktu klinik ({ $zone })
changed-to = { $patient }, { $time }: { $status }
change-title = Ubah status
change-to = Status baru
change-do = Ubah status
change-none = Tidak ada lagi yang dapat diubah di sini.
change-reason = Alasan
change-reason-hint = Pasien dapat membacanya.
change-reason-hint-any = Wajib diisi saat menolak atau membatalkan. Pasien dapat membacanya.
change-for-doctor = Atas nama { $doctor }, dan dicatat demikian
change-frees = Pukul { $time } langsung kosong kembali
reject-title = Tolak permintaan ini
reject-text = Waktunya langsung tersedia untuk orang lain.
cancel-visit-title = Batalkan janji temu ini
cancel-visit-text = Waktunya langsung tersedia untuk orang lain.

# The doctor's day.
today = Hari ini
today-days = Hari
today-summary = { $appointments ->
    [0] Tidak ada janji temu
   *[other] { $appointments } janji temu
}, { $requests ->
    [0] tidak ada yang menunggu jawaban Anda
   *[other] { $requests } permintaan menunggu jawaban Anda
}
today-many-zones = Semua waktu adalah waktu klinik masing-masing; zona waktunya tertulis di sampingnya.
today-waiting = Menunggu jawaban Anda
today-day = Jadwal hari itu
today-empty-title = Tidak ada jadwal hari ini
today-empty-title-other = Tidak ada jadwal pada hari ini
today-next = Janji temu Anda berikutnya: { $time }, dengan { $patient }.
today-no-next = Tidak ada janji temu lain yang akan datang.
today-go-there = Ke hari itu
left-minutes = sisa { $minutes } menit
left-hours-minutes = sisa { $hours } jam { $minutes } menit
left-hours = sisa { $hours } jam
left-days = sisa { $days } hari
waited-minutes = sudah menunggu { $minutes } menit
waited-hours = sudah menunggu { $hours } jam
waited-days = sudah menunggu { $days } hari
search-label = Pasien atau nomor referensi
search-title = Cari janji temu
search-found = Ditemukan
search-empty-title = Janji temu tidak ditemukan
search-empty-text = Coba sebagian nama, nomor telepon, atau nomor referensi seperti K7QM-4D2P.

# The board.
board-title = Janji temu
board-intro = Semua janji temu di semua klinik, menurut waktu klinik masing-masing.
board-all = Semua
board-status = Status
board-filter = Saring janji temu
board-doctor = Dokter
board-all-doctors = Semua dokter
board-clinic = Klinik
board-zone = Zona waktu
board-all-clinics = Semua klinik
board-from = Dari
board-until = Sampai
board-do-filter = Saring
board-empty-title = Tidak ada janji temu yang cocok
board-empty-text = Pilih tanggal lain atau kurangi saringan.
board-clear = Tampilkan semua janji temu
board-caption = { $count ->
    [1] Satu janji temu
   *[other] { $count } janji temu
}
board-more-than = { $count }+
board-caption-more = Lebih dari { $count } janji temu
board-caption-many = Terlalu banyak pasien yang cocok, sehingga janji temunya tidak dihitung. Ketik lebih banyak bagian nama.
pages = Halaman
pages-earlier = Sebelumnya
pages-later = Berikutnya
pages-newest = Terbaru
pages-older = Lebih lama
column-time = Waktu
column-patient = Pasien
column-doctor = Dokter
column-visit = Kunjungan
column-status = Status
column-actions = Tindakan

# The list of doctors.
doctors-title = Dokter
doctors-intro = Dokter yang tidak aktif tidak dapat dipesan. Janji temu yang sudah dibuat tetap berlaku.
doctors-empty-title = Belum ada dokter
doctors-empty-text = Begitu ada dokter, di sini terlihat siapa yang dapat dipesan.
doctors-stale-title = Ada yang mengubah dokter ini saat Anda melihat daftar.
doctors-stale-text = Perubahan Anda tidak disimpan. Daftar di bawah menunjukkan keadaan sekarang.
doctor-active = Aktif
doctor-inactive = Tidak aktif
doctor-activate = Aktifkan
doctor-deactivate = Nonaktifkan
doctor-activated = { $doctor } dapat dipesan kembali.
doctor-deactivated = { $doctor } tidak dapat dipesan lagi.
doctor-keeps = { $count ->
    [1] Satu janji temu mendatang tetap berlaku.
   *[other] { $count } janji temu mendatang tetap berlaku.
}
column-name = Nama
column-email = Email
column-clinics = Klinik
column-coming = Janji temu mendatang
column-bookable = Pemesanan

# Permintaan yang ditahan.
overdue-title = Permintaan yang ditahan
overdue-intro = Setelah gangguan, atau pada salinan yang dipulihkan, sangat banyak permintaan bisa jatuh tempo sekaligus. Maka tidak ada yang kedaluwarsa sebelum Anda memutuskan. Sementara itu dokter tetap bisa menjawabnya.
overdue-none-title = Tidak ada yang ditahan
overdue-none-text = Permintaan kedaluwarsa seperti biasa jika tidak dijawab tepat waktu.
overdue-held = { $count ->
   *[other] { $count } permintaan ditahan
}
overdue-since = Sejak { $moment } UTC.
overdue-decide = Putuskan kelanjutannya
overdue-wait-title = Beri dokter waktu
overdue-wait-text = Permintaan menunggu jawaban selama waktu ini mulai sekarang, paling lama sampai janji temunya akan dimulai.
overdue-wait-hours = Waktu untuk menjawab
overdue-hours = { $count ->
   *[other] { $count } jam
}
overdue-wait-do = Beri waktu ini
overdue-expire-title = Biarkan kedaluwarsa
overdue-expire-text = Permintaan kedaluwarsa dalam satu jam, waktunya bebas lagi, dan pasiennya diberi tahu. Ini tidak bisa dibatalkan.
overdue-expire-do = Biarkan kedaluwarsa
overdue-done-expire = Permintaan kedaluwarsa dalam satu jam.
overdue-done-wait = Dokter memiliki waktu ini untuk menjawab.
overdue-done-late = Tidak ada lagi yang ditahan. Mungkin orang lain sudah memutuskan.

# Pasien sudah datang.
arrive-do = Sudah datang
arrive-self = Saya sudah datang
arrival-waiting = Sudah datang, { $minutes } mnt
arrival-late = Terlambat
arrival-said = { $patient } sudah datang, untuk { $time }.
arrival-you = Kami tahu Anda sudah datang. Silakan duduk.
arrival-take-back = Ternyata belum datang
event-arrived = Sudah datang
event-arrival-taken-back = Kedatangan dibatalkan
happened-arrived = { $who } mencatat { $when } bahwa pasien sudah datang
happened-arrival-taken-back = { $who } membatalkan { $when } bahwa pasien sudah datang

staff-move = Pindahkan
move-elsewhere-title = Waktu itu dengan dokter lain atau di klinik lain
move-elsewhere-text = Janji temu dipindahkan ke waktu lain dokter yang sama di klinik yang sama. Untuk mengubahnya, pesan waktu yang lain untuk pasien dan batalkan janji temu ini.
move-elsewhere-book = Pesan waktu itu
staff-moved = { $patient } dipindahkan ke { $when }.
# Beberapa permintaan sekaligus.
several-confirm = Konfirmasi permintaan yang dicentang
several-hint = Centang permintaan pada daftar di atas.
several-choose = Pilih permintaan dari { $patient }
several-confirmed = { $count ->
    [0] Tidak ada permintaan yang dikonfirmasi.
   *[other] { $count } permintaan dikonfirmasi.
}
several-refused = { $count ->
   *[other] { $count } tidak dapat dikonfirmasi:
}
error-chosen-missing = Centang setidaknya satu permintaan.
error-chosen-too-many = Konfirmasi paling banyak 100 permintaan sekaligus.

# Catatan dokter untuk sesama dokter.
clinical-note = Catatan klinis
clinical-notes = Catatan klinis
clinical-note-label = Catatan
clinical-note-hint = Hanya dokter yang menangani pasien ini dapat membacanya: bukan pasien, bukan meja depan, bukan admin. Setiap versi disimpan.
clinical-note-save = Simpan catatan
clinical-note-saved = Catatan disimpan.
clinical-note-versions = { $count ->
   *[other] { $count } versi
}
clinical-note-taken-out = Dihapus
clinical-note-meanwhile = { $who } mengubah catatan ini saat Anda sedang melihatnya:
clinical-note-yours = Yang Anda ketik ada di bawah dan belum disimpan. Bila Anda menyimpannya, catatan itu menggantikan yang ini; kedua versi disimpan.
error-clinical_note-too-long = Tulis catatan yang lebih pendek, paling banyak 5000 karakter.
today-here = Sudah datang, yang paling lama menunggu dahulu
