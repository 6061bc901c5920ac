# Kunjungan dengan beberapa janji temu.
error-segments-missing = Satu kunjungan terdiri dari setidaknya dua janji temu.
error-segments-too-long = Satu kunjungan terdiri dari paling banyak delapan janji temu.
error-segments-malformed = Dua dari janji temu ini bertumpang tindih.
integrity-visit-broken = Satu kunjungan memiliki dua janji temu atau lebih, bernomor mulai dari 1, semuanya milik pasiennya.
part-of-visit = Bagian dari satu kunjungan
part-of-visit-text = Anda memesan semua ini sekaligus. Masing-masing dapat diubah atau dibatalkan tersendiri.
cancel-visit = Batalkan seluruh kunjungan
cancel-visit-intro = Atau batalkan sekaligus semua yang tersisa dari kunjungan ini:
add-part = Tambah janji temu lain
add-part-text = Perlu janji temu lain pada hari yang sama, misalnya tes darah? Pesan keduanya sekaligus, atau tidak sama sekali.
add-part-choose = Waktu Anda kami simpan. Pilih janji temu yang menyertainya.
to-check = Kembali ke pilihan Anda
check-visit-text = Semua ini dipesan sekaligus: semuanya, atau tidak sama sekali.
book-visit = Pesan { $count } janji temu ini
drop-part = Keluarkan yang ini
part-ended = Waktu ini tidak lagi disimpan untuk Anda. Keluarkan, lalu pilih yang lain.
