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
staff-reception = Resepsionis
staff-role = Peran
staff-admin-text = Meja depan, dan segala hal yang menjalankan klinik.
staff-reception-text = Meja depan klinik yang dipilih: janji temu dan pasien, tanpa hal-hal yang menjalankan klinik.
staff-clinics = Klinik
staff-clinics-all = Semua klinik
staff-clinics-hint = Resepsionis hanya melihat klinik yang dipilih. Admin tanpa pilihan melihat semua klinik.
staff-clinics-hint-reception = Setidaknya satu.
staff-clinics-change = Ubah klinik
staff-clinics-save = Simpan klinik
staff-clinics-changed = Klinik sudah diubah.
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
staff-make-reception = Jadikan resepsionis
staff-invite = Undang seseorang ke meja depan
staff-invite-text = Yang diundang mendapat tautan lewat surel dan memilih kata sandinya sendiri. Dokter ditambahkan dulu di halaman sendiri.
staff-invite-send = Kirim undangan
staff-invited = Tautan sedang dikirim.
staff-opened = Akun dibuka.
staff-closed = Akun ditutup, dan keluar di semua tempat.
staff-role-changed = Peran diubah. Orangnya masuk lagi.
staff-no-links = Undangan tidak dapat dikirim
staff-no-links-text = Belum dikatakan di alamat mana situs ini, sehingga tidak ada tautan dalam surel. Atur JANJI_PUBLIC_URL, misalnya https://clinic.example, lalu jalankan Janji lagi.

# Faktor kedua untuk staf.
error-step-up-required = Sebelum ini, tunjukkan sekali lagi bahwa ini Anda.
error-factor-required = Klinik Anda meminta faktor kedua. Pasang dulu di halaman masuk staf.
confirm-self-link = Tunjukkan bahwa ini Anda
confirm-self-title = Apakah ini Anda?
confirm-self-intro = Yang ingin Anda lakukan membuka pintu, maka kami bertanya lagi. Selama sepuluh menit berikutnya Anda tidak ditanya lagi.
confirm-self-code = Atau kode dari aplikasi Anda
factor-title = Masukkan kode Anda
factor-intro = Kata sandi Anda benar. Sekarang buka aplikasi di ponsel yang menunjukkan kode Anda.
factor-code = Kode
factor-code-hint = Enam angka dari aplikasi, atau salah satu kode cadangan Anda.
factor-lost = Ponsel dan kode cadangan hilang? Admin lain di klinik Anda dapat melepas faktor kedua dari akun Anda.
factor-other-account = Akun lain
factors-title = Faktor kedua
factors-intro = Selain kata sandi, sesuatu yang hanya Anda punya: yang tahu kata sandi Anda tidak dapat masuk hanya dengannya.
factors-open = Pasang dan ubah
factors-off = Klinik Anda tidak memakai faktor kedua.
factors-required = Klinik Anda memintanya: yang terakhir tidak dapat dilepas.
factors-app = Kode aplikasi
factors-app-text = Aplikasi di ponsel menunjukkan kode baru setiap tiga puluh detik, juga tanpa jaringan.
factors-app-add = Pasang aplikasi
factors-app-there = Sebuah aplikasi sudah dipasang.
factors-app-remove = Lepas aplikasi
factors-app-done = Aplikasi Anda sudah dipasang. Anda diminta kode saat masuk.
factors-removed = Sudah dilepas.
factors-codes = Kode cadangan
factors-codes-text = Untuk saat ponsel Anda hilang. Masing-masing berlaku satu kali.
factors-codes-left = { $count ->
    [0] Anda tidak punya.
   *[other] Anda masih punya { $count }.
}
factors-codes-none = Anda belum punya kode cadangan: buatlah sekarang, supaya ponsel yang hilang tidak mengunci Anda.
factors-codes-renew = Buat sepuluh kode baru
app-title = Pasang aplikasi Anda
app-intro = Buka aplikasi kode di ponsel Anda, misalnya bawaan ponsel, dan biarkan membaca gambar ini.
app-intro-required = Klinik Anda meminta faktor kedua. Buka aplikasi kode di ponsel Anda dan biarkan membaca gambar ini; setelah itu Anda dapat masuk.
app-picture = Gambar untuk aplikasi Anda
app-secret = Jika gambar tidak terbaca, ketik ini
app-code = Kode yang sekarang ditunjukkan aplikasi
app-finish = Selesai
codes-title = Kode cadangan Anda
codes-intro = Tulis atau cetak, dan simpan di tempat ponsel Anda tidak berada. Kode ditunjukkan sekali ini saja. Yang lama tidak berlaku lagi.
codes-kept = Sudah saya tulis
staff-has-factor = Faktor kedua
staff-reset-factors = Lepas faktor kedua
staff-factors-reset = Faktor kedua dilepas, dan akun keluar di semua tempat.

# Kunci sandi (passkey).
error-passkey_name-missing = Beri nama kunci sandi itu.
error-passkey_name-too-long = Pilih nama yang lebih pendek, paling banyak 60 karakter.
error-passkey_name-taken = Kunci sandi ini sudah ada.
error-passkey_name-too-many = Kunci sandi Anda sudah sebanyak yang boleh. Hapus satu dulu.
factors-passkeys = Kunci sandi
factors-passkeys-text = Kunci di ponsel, komputer, atau stik Anda, yang dibuka dengan jari, wajah, atau PIN. Berfungsi di peramban dengan JavaScript.
factors-passkey-done = Kunci sandi Anda ditambahkan.
passkey-add = Tambah kunci sandi
passkey-name = Apa namanya?
passkey-name-hint = Misalnya “Ponsel saya”, supaya mudah ditemukan.
passkey-made = ditambahkan { $day }
passkey-remove = Hapus
passkey-use = Pakai kunci sandi
passkey-failed = Tidak berhasil. Coba lagi, atau pakai kode.
passkey-no-address = Kunci sandi memerlukan alamat bernama, misalnya https://clinic.example, yang harus diatur klinik (JANJI_PUBLIC_URL).

# Nomor telepon baru.

sms-phone-changed = Nomor telepon akun Anda di klinik telah diubah, dan nomor ini tidak dipakai lagi. Jika bukan Anda, segera telepon klinik.
new-phone-title = Nomor telepon baru
new-phone-text = Kami mengirim kode ke nomor baru, dan pemberitahuan ke nomor lama. Anda keluar di semua tempat lain.
new-phone-label = Nomor telepon baru
new-phone-done = Nomor telepon baru Anda sudah dipakai.
doctor-password-invited = Biarkan kosong, dan dokter mendapat tautan lewat surel untuk memilihnya.
