# Prescriptions.
prescription = Resep
prescription-write = Tulis resep
prescription-view = Lihat resep
prescription-do-write = Terbitkan resep
prescription-done = Resep sudah diterbitkan. Pasien dapat melihatnya.
prescription-not-yet = Resep dapat ditulis setelah kunjungan dimulai.
prescription-written = Resep itu ditulis pada { $when }.
prescription-only-one = Setiap janji temu hanya punya satu resep, dan isian Anda tidak termasuk di dalamnya.
prescription-typed = Isian Anda
prescription-more-rows = Tambah baris
prescription-note = Catatan untuk pasien
prescription-note-hint = Ditampilkan di bawah daftar obat.
prescription-date = Ditulis
prescription-signature = Tanda tangan
prescription-print = Untuk mencetak halaman ini, gunakan fungsi cetak di peramban Anda.
prescription-do-check = Periksa resep
prescription-check = Periksa dan tanda tangani
prescription-check-text = Inilah isi resepnya. Bandingkan dengan maksud Anda, lalu tanda tangani.
prescription-change = Ubah
prescription-void = Tidak berlaku
prescription-withdrawn = Resep ini ditarik kembali pada { $when } dan tidak berlaku. Alasannya:
prescription-void-view = Lihat resep yang sudah ditarik kembali
prescription-withdraw = Tarik kembali resep ini
prescription-withdraw-text = Resep tidak pernah diubah. Tarik kembali jika salah, lalu tulis yang baru: keduanya disimpan, dan yang lama dicetak sebagai tidak berlaku.
prescription-withdraw-reason = Alasan
prescription-withdraw-hint = Pasien dapat membacanya.
prescription-do-withdraw = Tarik kembali
prescription-withdrawn-done = Resep sudah ditarik kembali.
prescription-write-anew = Anda dapat menulisnya lagi di bawah ini, mulai dari isi resep yang lama.
medications = Obat
medications-hint = Misalnya: Amoxicillin, 500 mg, tiga kali sehari, 7 hari. Baris yang kosong tidak dihitung.
medication-number = Obat { $number }
medication-name = Nama obat
medication-dose = Dosis
medication-frequency = Seberapa sering
medication-duration = Berapa lama
medication-note = Catatan

# What a doctor knows of a patient.
patient-history = Semua kunjungan pasien ini kepada Anda
patient-visits = { $count ->
    [one] Satu janji temu dengan Anda
   *[other] { $count } janji temu dengan Anda
}

# Errors.
error-prescription-exists = Satu janji temu hanya memiliki satu resep. Isian Anda tidak disimpan.
error-prescription-withdrawn = Resep ini sudah tidak berlaku: sudah ditarik kembali.
error-medications-missing = Masukkan sedikitnya satu obat.
error-medications-too-long = Masukkan paling banyak 20 obat.
error-medications-malformed = Masukkan sedikitnya satu obat.
error-medication_name-missing = Masukkan nama obat.
error-medication_name-too-long = Masukkan nama yang lebih pendek, paling banyak 120 karakter.
error-medication_name-malformed = Masukkan nama obat.
error-dose-missing = Masukkan dosisnya.
error-dose-too-long = Tuliskan dosis dalam paling banyak 80 karakter.
error-dose-malformed = Masukkan dosisnya.
error-frequency-missing = Masukkan seberapa sering obat diminum.
error-frequency-too-long = Tuliskan seberapa sering dalam paling banyak 80 karakter.
error-frequency-malformed = Masukkan seberapa sering obat diminum.
error-duration-missing = Masukkan berapa lama obat diminum.
error-duration-too-long = Tuliskan berapa lama dalam paling banyak 80 karakter.
error-duration-malformed = Masukkan berapa lama obat diminum.
error-medication_note-missing = Masukkan catatan.
error-medication_note-too-long = Masukkan catatan yang lebih pendek, paling banyak 500 karakter.
error-medication_note-malformed = Masukkan catatan.
error-note-missing = Masukkan catatan.
error-note-too-long = Masukkan catatan yang lebih pendek, paling banyak 500 karakter.
error-note-malformed = Masukkan catatan.

# Templat, dan resep terakhir.
prescription-quick = Tanpa mengetik lagi
prescription-quick-hint = Menambahkan obat ke baris di atas. Yang Anda ketik tetap ada.
prescription-repeat = Ulangi resep terakhir saya
prescription-added = Obat ada pada baris di bawah.
prescription-added-text = Belum ada yang ditulis. Periksa masing-masing untuk pasien ini.
templates-title = Templat saya
templates-intro = Resep yang sering Anda tulis. Perubahan templat tidak mengubah resep mana pun.
templates-empty-title = Belum ada templat
templates-empty-text = Buat di sini, atau dari resep yang Anda tulis.
template-new = Templat baru
template-use = Pakai templat
template-name = Nama templat
template-name-hint = Misalnya: Sinusitis, dewasa. Hanya Anda yang melihatnya.
template-save = Simpan templat
template-saved = Templat disimpan.
template-delete = Hapus
template-from-prescription = Jadikan templat
error-template_name-missing = Isi nama templat.
error-template_name-too-long = Isi nama yang lebih pendek, paling banyak 120 karakter.
error-template_name-taken = Anda punya templat lain dengan nama ini.
error-template_name-too-many = Anda punya 100 templat. Hapus yang tidak Anda perlukan.
