# Sesi kelompok.
error-no-seats = Tidak ada tempat tersisa di sesi ini. Pilih sesi lain.
error-few-seats = Hanya { $available } tempat tersisa.
error-capacity-taken = { $requested } tempat sudah diambil: jumlahnya tidak bisa kurang dari itu.
error-capacity-missing = Tulis berapa tempat yang ada.
error-capacity-malformed = Satu sesi punya 1 sampai 500 tempat.
error-seats-missing = Tulis berapa tempat yang Anda inginkan.
error-seats-malformed = Ambil 1 sampai 20 tempat.
error-weeks-missing = Tulis berapa minggu.
error-weeks-malformed = Satu rangkaian punya 1 sampai 52 minggu.
error-doctor-missing = Pilih dokter.
error-doctor-malformed = Pilih dokter.
error-service-missing = Pilih layanan.
error-service-malformed = Pilih layanan.
integrity-seats-oversold = Tidak ada sesi kelompok dengan tempat terambil lebih dari yang ada, atau satu tempat dua kali.
integrity-seat-astray = Setiap tempat yang diambil milik janji dari sesinya, dan sebaliknya.
integrity-group-time-lost = Setiap sesi kelompok mendatang punya waktu dokternya, dan tempatnya ada pada waktu itu.
