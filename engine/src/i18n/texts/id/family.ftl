# Families who share a phone.
whose-label = Untuk siapa?
whose-somebody-else = Orang lain dengan telepon yang sama
whose-name = Nama orang lain
whose-name-hint = Misalnya anak. Setiap orang punya catatan sendiri; Anda masuk untuk mereka semua.
phone-shared = Nomor ini milik { $names }
phone-shared-text = Belum ada yang dipesan. Sebutkan di bawah apakah ini untuk mereka, atau untuk orang lain dengan telepon yang sama.
error-phone-shared = Nomor ini juga milik orang lain. Sebutkan untuk siapa.
error-whose-missing = Sebutkan untuk siapa.
error-whose-malformed = Pilih untuk siapa.
error-whose-taken = Pilih catatan lain: ini catatan yang sama.
error-name-too-many = Sudah terlalu banyak orang yang memakai telepon ini, sehingga tidak ada yang dapat ditambahkan.
api-family-added = Ditambahkan.

# Phone numbers that are not right.
phones-title = Nomor telepon yang perlu diperiksa
phones-intro = Nomor yang disimpan dalam bentuk lama. Yang dapat dibetulkan tanpa bertanya sudah dibetulkan; yang ini memerlukan Anda.
phones-found = { $count } nomor telepon tidak benar
phones-empty-title = Semua nomor benar
phones-empty-text = Bila ada nomor yang tidak mungkin benar, Anda menemukannya di sini.
phones-appointments = { $count } janji temu
phones-shared = Nomor yang benar adalah { $phone }, milik { $name }: orang yang sama, atau orang yang memakai telepon yang sama. Tanyakan sebelum memutuskan.
phones-free = Nomor yang benar adalah { $phone }, yang tidak lagi dimiliki siapa pun: betulkan.
phones-nobodys = Tidak ada yang dapat memiliki nomor ini, jadi kode tidak akan sampai. Tanyakan nomor yang benar kepada pasien.
phones-share = Taruh keduanya di bawah nomor ini
phones-share-hint = Kedua catatan tetap seperti adanya. Siapa pun yang masuk dengan nomor itu melihat dan memesan untuk keduanya.
phones-right = Nomor yang benar
phones-correct = Betulkan
phones-done = Selesai
error-phone-taken = Orang lain memiliki nomor ini.
