# Dengan dokter mana saja.
any-doctor-title = { $service } dengan dokter mana saja
any-doctor-intro = Pilih waktu ketika salah satu dokter tersedia. Anda melihat siapa dokternya sebelum memesan.
any-doctor-start = Dokter mana saja boleh
any-doctor-start-text = Lihat waktu kosong pertama dari semua dokter sekaligus.
any-doctor-link = { $service }: waktu dokter mana saja
any-clinic = Klinik mana saja
