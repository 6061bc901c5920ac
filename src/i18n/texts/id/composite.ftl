# Kunjungan dengan beberapa janji temu.
error-segments-missing = Satu kunjungan terdiri dari setidaknya dua janji temu.
error-segments-too-long = Satu kunjungan terdiri dari paling banyak delapan janji temu.
error-segments-malformed = Dua dari janji temu ini bertumpang tindih.
integrity-visit-broken = Satu kunjungan memiliki dua janji temu atau lebih, bernomor mulai dari 1, semuanya milik pasiennya.
part-of-visit = Bagian dari satu kunjungan
part-of-visit-text = Anda memesan semua ini sekaligus. Masing-masing dapat diubah atau dibatalkan tersendiri.
cancel-visit = Batalkan seluruh kunjungan
cancel-visit-intro = Atau batalkan sekaligus semua yang tersisa dari kunjungan ini:
