busy-conflicts = Sibuk di kalender lain
busy-conflicts-text = Janji temu dan sesi kelompok ini tetap berlaku, tetapi kalender lain dokter juga berisi sesuatu pada waktu yang sama. Tidak ada yang dibatalkan, dan tempat dalam sesi masih bisa diambil: pindahkan atau batalkan, atau kosongkan waktunya di kalender lain itu.
busy-conflict-in = juga di: { $calendars }

# Apa yang tidak terbaca dari kalender lain, di halaman akunnya.
busy-trouble-too-many = { $count } acara berulang punya lebih banyak waktu daripada yang dapat diambil. Hanya waktu-waktu pertama yang terpakai di sini.
busy-trouble-too-large = { $count } acara terlalu besar untuk dibaca.
busy-trouble-malformed = { $count } acara tidak dapat dibaca.
busy-trouble-unknown-zone = { $count } acara memakai zona waktu yang tidak dikenal.
busy-trouble-unknown-rule = { $count } acara berulang dengan cara yang tidak dimengerti.

integrity-busy-astray = Setiap waktu sibuk dari kalender lain milik dokter yang punya kalender itu.
integrity-busy-by-nothing = Tidak ada dokter yang sibuk karena acara yang tidak memakan waktu atau karena janji temu kita sendiri.
