# Ratings.
rating-rate = Beri penilaian
rating-title = Bagaimana kunjungan Anda?
rating-question = Bagaimana penilaian Anda tentang kunjungan ke { $doctor }?
rating-score-5 = sangat baik
rating-score-4 = baik
rating-score-3 = cukup
rating-score-2 = kurang baik
rating-score-1 = buruk
rating-comment = Ada lagi yang ingin Anda sampaikan?
rating-comment-hint = Dokter Anda dapat membacanya. Orang lain hanya melihat rata-rata semua penilaian.
rating-send = Kirim penilaian
rating-thanks = Terima kasih atas penilaian Anda.
rating-yours = Penilaian Anda
rating-of-patient = Penilaian pasien tentang kunjungan ini
rating-given = { $stars } dari 5
rating-typed = Isian Anda barusan tidak disimpan:
rating-average = { $count ->
    [one] Dinilai { $average } dari 5, satu penilaian
   *[other] Dinilai { $average } dari 5, { $count } penilaian
}

# Errors.
error-rating-exists = Anda sudah menilai kunjungan ini.
error-score-missing = Pilih 1 sampai 5.
error-score-too-long = Pilih 1 sampai 5.
error-score-malformed = Pilih 1 sampai 5.
error-comment-missing = Tuliskan komentar.
error-comment-too-long = Tuliskan dalam paling banyak 500 karakter.
error-comment-malformed = Tuliskan komentar.
