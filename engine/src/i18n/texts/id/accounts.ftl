# Tautan dalam surel, dan kata sandi yang dipilih dengannya.
mail-invitation-subject = Akun Anda di klinik
mail-invitation-body =
    Halo { $name },

    sebuah akun telah dibuat untuk Anda di klinik. Pilih kata sandinya di sini, satu kali, dalam { $days } hari:

    { $link }

    Jika Anda tidak menantikan ini, Anda tidak perlu berbuat apa-apa.
mail-password-subject = Pilih kata sandi baru
mail-password-body =
    Halo { $name },

    seseorang meminta kata sandi baru untuk akun Anda di klinik. Jika itu Anda, pilih di sini, satu kali, dalam { $minutes } menit:

    { $link }

    Jika bukan Anda, Anda tidak perlu berbuat apa-apa: kata sandi Anda tetap.
mail-password-changed-subject = Kata sandi Anda diubah
mail-password-changed-body =
    Halo { $name },

    kata sandi akun Anda di klinik telah diubah, dan Anda telah keluar di semua tempat lain. Jika bukan Anda, segera beri tahu admin klinik Anda.
forgotten-title = Lupa kata sandi?
forgotten-intro = Kami mengirim tautan untuk memilih yang baru.
forgotten-send = Kirim tautan
forgotten-sent = Periksa surel Anda
forgotten-sent-text = Jika alamat ini milik seorang staf, tautan sedang dikirim. Tautan berlaku setengah jam.
forgotten-no-links = Situs ini tidak mengirim tautan. Mintalah kata sandi baru kepada admin klinik Anda.
link-invitation-title = Pilih kata sandi Anda
link-invitation-intro = Selamat datang, { $name }. Anda akan masuk sebagai { $email }.
link-password-title = Pilih kata sandi baru
link-password-intro = Untuk akun { $email }. Dengan ini Anda keluar di semua tempat lain.
link-choose = Pakai kata sandi ini
link-chosen = Kata sandi Anda sudah dipasang. Silakan masuk dengannya.
link-spent-title = Tautan ini tidak berlaku lagi
link-spent-text = Tautan berlaku satu kali, untuk beberapa waktu, dan hanya yang terbaru. Tidak ada yang diubah.
new-password-label = Kata sandi baru
new-password-hint = Paling sedikit 12 karakter. Paling baik tiga atau empat kata yang hanya Anda yang akan merangkainya.

# Akun sendiri.
account-title = Akun Anda
account-intro = Dengan apa Anda masuk, dan di mana Anda sedang masuk.
account-password = Kata sandi
account-password-text = Kata sandi baru mengeluarkan Anda di semua tempat lain, dan mengakhiri token program Anda.
account-old-password = Kata sandi Anda sekarang
account-password-change = Ubah kata sandi
account-password-done = Kata sandi Anda diubah. Anda keluar di semua tempat lain.
account-sessions = Di mana Anda masuk
account-sessions-text = Jika ada yang tidak Anda kenal, akhiri. Token program punya halaman sendiri:
account-some-browser = Sebuah peramban atau program
account-since = sejak { $when }
account-used = terakhir dipakai { $when }
account-this-browser = Peramban ini
account-end = Keluar di sana
account-end-others = Keluar di semua tempat lain
account-end-others-hint = Juga di tempat program masuk dengan akun Anda. Token bernama tetap ada.
account-session-done = Anda sudah keluar di sana.
account-sessions-done = Anda sudah keluar di semua tempat lain.

# Akun staf.
staff-title = Staf
staff-intro = Siapa yang masuk di sini. Apakah seorang dokter dapat dipesan ada di halaman dokter itu.
staff-admin = Admin
staff-doctor = Dokter
staff-active = Dapat masuk
staff-inactive = Tidak dapat masuk
staff-waits = Diundang
staff-link-until = Undangan dapat diikuti sampai { $day }.
staff-as-doctor = Seperti dilihat pasien
staff-send-link = Kirim tautan untuk memilih kata sandi
staff-close = Tutup akun
staff-open = Buka akun
staff-make-admin = Jadikan admin
staff-make-doctor = Jadikan dokter lagi
staff-invite = Undang admin
staff-invite-text = Yang diundang mendapat tautan lewat surel dan memilih kata sandinya sendiri. Dokter ditambahkan dulu di halaman sendiri.
staff-invite-send = Kirim undangan
staff-invited = Tautan sedang dikirim.
staff-opened = Akun dibuka.
staff-closed = Akun ditutup, dan keluar di semua tempat.
staff-role-changed = Peran diubah. Orangnya masuk lagi.
staff-no-links = Undangan tidak dapat dikirim
staff-no-links-text = Belum dikatakan di alamat mana situs ini, sehingga tidak ada tautan dalam surel. Atur JANJI_PUBLIC_URL, misalnya https://clinic.example, lalu jalankan Janji lagi.
