# FHIR.
fhir-not-acceptable = Jawaban berformat application/fhir+json. Tidak ada format lain.
fhir-not-supported = { $field } tidak didukung di sini.
fhir-too-costly = Itu terlalu banyak sekaligus. Sebutkan jadwal atau layanan, awal dan akhir, paling lama 31 hari; lihat { $field }.
fhir-in-address = { $field } menyebut seseorang dan tidak boleh ada di alamat. Kirimkan di isi POST Patient/_search.
fhir-form = Kirim pencarian sebagai application/x-www-form-urlencoded.
fhir-patch = Kirim perubahan sebagai application/json-patch+json.
fhir-version-needed = Sebutkan dengan { $field } versi janji temu yang sudah Anda baca.
fhir-not-changed = { $field } tidak dapat diubah dengan cara ini. Ubah statusnya atau waktunya saja, tanpa yang lain.
fhir-several = Beberapa janji temu cocok dengan { $field }. Tidak ada yang dipesan.
