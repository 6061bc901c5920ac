# Untuk program.
api-found = Ini datanya.
api-code-sent = Jika nomor telepon ini dapat menerima pesan, kode sedang dikirim.
api-signed-in = Berhasil masuk.
api-signed-out = Sudah keluar. Token tidak berlaku lagi.
api-requested = Permintaan dikirim. Waktunya sudah disimpan; klinik akan menjawab.
api-booked = Janji temu dibuat.
api-held = Waktu ini disimpan.
api-released = Dilepas. Waktunya kosong kembali.
api-checked = Sudah diperiksa.
api-changed = Sudah diubah.
api-moved = Jadwal sudah dipindahkan.
api-prescribed = Resep dibuat.
api-prescription-checked = Inilah yang akan ditulis. Belum ada yang ditulis.
api-prescription-withdrawn = Ditarik kembali. Resep ini tidak berlaku.
api-rated = Penilaian disimpan.
api-message-sent = Pesan sudah terkirim.
api-consultation-seen = Sudah dicatat.
api-missing = { $field } belum diisi.
api-malformed = { $field } tidak valid.
api-unknown = { $field } tidak dikenal di sini.
api-too-large = Permintaan terlalu besar.
api-media-type = Kirim permintaan sebagai application/json.
api-method = Alamat ini tidak mengenal metode tersebut.
api-not-found = Panggilan ini tidak ada.
error-invalid-date-range = Pilih rentang yang mulai sebelum berakhir, paling lama 62 hari.

# Kalender.
api-calendar-made = Alamat dibuat. Siapa pun yang memilikinya dapat membaca kalender ini; alamatnya hanya diberitahukan sekarang.
api-calendar-revoked = Alamat sudah dicabut dan tidak berlaku lagi.

# Schedules and the organisation.
api-plan-added = Ditambahkan.
api-plan-removed = Dihapus.
api-plan-preview = Inilah hasilnya nanti. Belum ada yang diubah.
api-day-cancelled = Hari itu dibatalkan, dan para pasien diberi tahu.
api-organisation-added = Ditambahkan.
api-imported = Diimpor. Laporan menyebutkan hasil tiap baris.
api-import-checked = Inilah hasilnya nanti. Belum ada yang ditambahkan.

# Token.
api-token-made = Token dibuat. Simpan token ini: hanya ada dalam jawaban ini.
api-token-told = Token sudah dibuat oleh permintaan yang sama. Tokennya diberikan saat itu dan tidak diberikan lagi.
api-token-revoked = Token dicabut dan tidak berlaku lagi.
api-scope = Token ini tidak mengizinkannya: perlu { $scope }.
api-scope-everything = Token ini tidak mengizinkannya: token harus mengizinkan semuanya.
api-scope-sign-in = Token yang dibuat untuk program tidak mengizinkannya: masuklah dulu.
api-too-long = { $field } terlalu panjang.
api-too-often = Terlalu sering. Tunggu selama yang disebutkan Retry-After.
api-common = { $field } mudah ditebak.
api-abroad = { $field } berasal dari negara yang tidak dikirimi kode.
api-factor-asked = Kata sandi benar. Sekarang jawab dengan kode faktor kedua.
api-waitlist-joined = Ada di daftar tunggu.
api-waitlist-left = Keluar dari daftar tunggu.
api-offer-accepted = Tawaran diterima.
api-offer-declined = Tawaran ditolak.
api-offer-made = Waktu ditawarkan.
api-webhook-made = Dibuat. Simpan rahasianya: hanya disebutkan dalam jawaban ini.
api-webhook-told = Sudah dibuat sebelumnya. Rahasianya disebutkan saat itu.
api-webhook-deleted = Dihapus. Tidak ada lagi yang dikirim.
api-webhook-posted = Sedang dikirim sekarang.
api-copy-asked = Salinan Anda sedang dibuat.
api-erasure-requested = Catatan Anda ditutup dan sedang dihapus.
api-payment-begun = Pasien membayar di halaman ini; waktunya disimpan sampai halaman itu berakhir.
api-payment-taken = Pembayaran sudah diterima.
