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
error-name-too-many = Sudah terlalu banyak orang yang memakai telepon ini, sehingga tidak ada yang dapat ditambahkan.
api-family-added = Ditambahkan.
