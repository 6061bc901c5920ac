# Jadwal praktik, pengecualian, ketidakhadiran, dan penutupan.
error-hours-malformed = Tulis jam seperti 9, 0900, 9.00, atau 17.30, akhir sesudah awal, dan tanpa tumpang tindih.
error-hours-past-midnight = Jam kerja berakhir pada hari yang sama dengan awalnya. Untuk malam hari, tulis jam sampai 24.00 pada hari ini dan sisanya mulai 00.00 pada hari berikutnya.
error-hours-too-long = Jamnya terlalu banyak.
error-day-malformed = Tulis tanggal seperti 2026-11-24.
error-day-missing = Pilih hari.
message-day-cancelled = { $clinic }: { $doctor } tidak dapat menemui Anda pada { $date } ({ $times }; { $zone }). { $count ->
   *[other] Janji temu Anda dibatalkan.
} Alasan: { $reason } Silakan pilih waktu lain atau hubungi { $phone }.

nav-plan = Jadwal praktik
plan-title = Jadwal praktik { $doctor }
plan-nowhere = Dokter ini belum menawarkan apa pun di mana pun, jadi belum ada yang direncanakan.
plan-places = Klinik
plan-attention = Perlu perhatian
plan-attention-text = Janji temu ini sudah dipesan, tetapi sekarang di luar jadwal praktik. Pindahkan, batalkan, atau laksanakan seperti yang disepakati.
plan-more = dan { $count } lagi
plan-coming = Dua minggu ke depan
plan-day = Tanggal
plan-time = Jam
plan-service = Layanan
plan-hours = Jam kerja
plan-except = Perubahan
plan-no-hours = Tidak ada jam kerja
plan-exception = Pengecualian
plan-break = Istirahat
plan-breaks = Istirahat
plan-work = Kerja
plan-away = tidak hadir
plan-closed = tutup
plan-week = Jadwal mingguan
plan-week-text = Satu baris untuk jam yang sama pada beberapa hari. Istirahat diambil dari jam kerja di sekitarnya dan tidak menggeser waktu. Dengan tanggal, baris hanya berlaku sejak atau sampai saat itu.
plan-row = Baris { $number }
plan-from = Dari
plan-until = Sampai
plan-kind = Kerja atau istirahat
plan-valid-from = Berlaku sejak
plan-valid-until = Berlaku sampai
plan-preview = Pratinjau
plan-save-week = Simpan jadwal mingguan
plan-more-rows = Tambah baris
plan-preview-title = Pratinjau
plan-preview-text = Belum ada yang disimpan.
plan-would = { $count ->
    [0] Semua janji temu tetap sesuai.
   *[other] { $count } janji temu tidak lagi sesuai, tetapi tetap dipesan.
}
plan-times = { $service }: { $count } waktu kosong dalam dua minggu
plan-exceptions = Pengecualian
plan-exceptions-text = Tanggal dengan jam lain, atau libur.
plan-exception-hours-hint = Misalnya 8-12, 13.00-17.30. Kosongkan untuk hari libur.
plan-note = Catatan
plan-add-exception = Tambah pengecualian
plan-remove = Hapus
plan-absences = Ketidakhadiran dan penutupan
plan-absences-text = Cuti, hari libur, dan penutupan. Kosongkan jam untuk sepanjang hari.
plan-first-day = Hari pertama
plan-last-day = Hari terakhir
plan-away-from = Tidak hadir di
plan-everywhere = semua klinik
plan-yearly = Berulang setiap tahun
plan-yearly-short = setiap tahun
plan-add-absence = Tambah ketidakhadiran
plan-stop-title = Tutup satu hari
stop-title = Tutup atau batalkan satu hari
stop-text = Untuk satu dokter di satu klinik. Siapa yang membatalkan hari menyebutkan alasannya, dan pasien diberi tahu.
plans-title = Rencana kerja
plans-text = Dokter di klinik Anda, dengan jam, istirahat, dan ketidakhadiran mereka di sana.
plans-none = Tidak ada dokter yang menawarkan layanan di klinik Anda.
plan-stop-text = Berhenti menerima pemesanan tidak mengubah janji temu hari itu. Membatalkan hari juga membatalkan janji temu yang belum berlangsung dan memberi tahu setiap pasien.
plan-reason-hint = Wajib untuk membatalkan: pasien diberi tahu.
plan-stop = Berhenti menerima pemesanan
plan-cancel-day = Batalkan seluruh hari itu
plan-stopped = Hari yang pemesanannya dihentikan
plan-stopped-text = Hari yang dibuka kembali mendapat jam seperti sebelumnya. Janji temu yang sudah dibatalkan tetap batal.
plan-stopped-cancelled = { $count } janji temu tetap batal.
plan-open-day = Buka kembali
plan-why = Mengapa waktu ini tidak ditawarkan?
plan-why-unreadable = Tulis jam seperti 09.00.
plan-ask = Tanyakan
plan-bad-dates = Hari terakhir mendahului hari pertama, atau yang berulang setiap tahun berlangsung setahun.
plan-saved-week = Jadwal mingguan disimpan.
plan-saved-exception = Pengecualian disimpan.
plan-saved-exception-removed = Tanggal itu kembali mengikuti jadwal mingguan.
plan-saved-absence = Ketidakhadiran disimpan.
plan-saved-absence-removed = Ketidakhadiran dihapus.
plan-saved-day-stopped = Pemesanan untuk hari itu tidak lagi diterima.
plan-saved-day-opened = Pemesanan untuk hari itu diterima lagi. Janji temu yang sudah dibatalkan tetap batal.
plan-saved-day-cancelled = Hari itu dibatalkan.
plan-kept = { $count ->
   *[other] { $count } janji temu tidak lagi sesuai dan tetap dipesan.
}
plan-day-told = Janji temu yang dibatalkan: { $count }. Pesan dalam perjalanan ke pasien: { $told }.
plan-stale-title = Jadwal ini diubah orang lain saat Anda melihatnya
plan-stale-by = { $who } mengubah { $what }: { $when }.
plan-stale-text = Yang Anda ketik masih ada di formulir, dan jadwal di atas adalah yang baru. Periksa keduanya, lalu simpan lagi.
plan-changed-week = jadwal mingguan
plan-changed-exception = sebuah pengecualian
plan-changed-exception-removed = sebuah pengecualian
plan-changed-absence = sebuah ketidakhadiran
plan-changed-absence-removed = sebuah ketidakhadiran
plan-changed-day-stopped = sebuah hari
plan-changed-day-opened = sebuah hari
plan-changed-day-cancelled = sebuah hari

# Mengapa suatu waktu tidak ditawarkan.
why-offered = Waktu ini ditawarkan.
why-doctor-inactive = Dokter tidak menerima pemesanan.
why-service-inactive = Layanan ini sedang tidak ditawarkan.
why-not-offered-here = Dokter tidak menawarkan layanan ini di sini.
why-no-such-time = Waktu ini tidak ada pada hari itu (jam dimajukan).
why-past = Waktu ini sudah lewat.
why-before-notice = Terlalu mendadak: layanan ini perlu dipesan lebih awal.
why-beyond-horizon = Terlalu jauh ke depan untuk layanan ini.
why-outside-plan = Tidak ada jam praktik pada waktu itu.
why-exception = Tanggal itu punya pengecualian tanpa jam pada waktu itu.
why-break = Waktu itu istirahat.
why-absence = Dokter tidak hadir pada waktu itu.
why-closure = Klinik tutup pada waktu itu.
why-busy-elsewhere = Dokter punya acara lain saat itu di kalender: { $calendars }.
why-taken = Sudah terisi, atau terlalu dekat dengan janji temu lain.
why-off-grid = Layanan ini tidak dimulai pada waktu itu.
why-would-not-fit = Akan berakhir setelah jam praktik.

# When clinics are closed.
nav-closures = Penutupan
closures-title = Penutupan
closures-text = Hari atau jam ketika klinik tutup, apa pun jadwal para dokter. Janji temu tetap dipesan.
closures-where = Tutup
closures-add = Tambah penutupan
closures-saved = Penutupan disimpan.
closures-removed = Penutupan dihapus.

# Sebelum pasien terkena.
ask-absence = Simpan ketidakhadiran ini?
ask-closure = Simpan penutupan ini?
ask-day = Batalkan hari ini?
ask-count = { $count ->
    [0] Belum ada yang membuat janji pada waktu itu.
   *[other] { $count } janji terkena:
}
ask-after = Setelah itu ada daftar siapa yang perlu ditelepon, untuk dicentang.
ask-absence-do = Simpan ketidakhadiran
ask-closure-do = Simpan penutupan
ask-day-do = Batalkan hari dan beri tahu pasien
ask-leave = Jangan ubah
reach-both = pesan sampai lewat telepon dan email
reach-phone = pesan sampai lewat telepon
reach-email = pesan sampai lewat email
reach-nobody = tidak ada pesan yang sampai: telepon
error-affected-changed = Sementara itu ada yang membuat, memindahkan atau membatalkan janji, jadi tidak ada yang dilakukan. Di bawah ini siapa yang terkena sekarang. Putuskan sekali lagi.

# Siapa yang perlu ditelepon.
calls-title = Perlu ditelepon
calls-text = Pasien yang janjinya terkena hari yang dibatalkan, ketidakhadiran, atau penutupan.
calls-none = Tidak ada yang perlu ditelepon.
calls-why-day = Hari dibatalkan
calls-why-absence = Tidak hadir
calls-why-closure = Tutup
calls-made = Dibuat oleh { $who }: { $when }
calls-open = Perlu ditelepon
calls-open-of = { $open ->
    [0] Semua { $count } sudah ditelepon
   *[other] { $open } dari { $count } belum ditelepon
}
calls-called = { $who } sudah menelepon: { $when }
calls-already = { $who } sudah menelepon { $patient } sebelum Anda: { $when }.
calls-tick = Sudah ditelepon
calls-untick = Belum ditelepon
calls-reach = Lewat pesan
calls-cancel = Batalkan
calls-book-again = Buat janji lagi
calls-all = { $count } janji masih berlaku
calls-cancel-all = Batalkan semua ({ $count })
calls-move-all = Pindahkan semua ke waktu lain
calls-move-title = Pindahkan semua
calls-move-text = Waktu kosong pertama dokter yang sama untuk masing-masing. Belum ada yang dipindahkan.
calls-no-time = tidak ada waktu kosong
calls-move-do = Pindahkan { $count } janji
calls-did = Selesai: { $done }. Tidak bisa lagi: { $left }.
