# Rencana kerja, pengecualian, ketidakhadiran, dan penutupan.
error-hours-malformed = Tulis jam seperti 09:00 dan 17:30, akhir sesudah awal, dan tanpa tumpang tindih.
error-hours-too-long = Jamnya terlalu banyak.
error-day-malformed = Tulis tanggal seperti 2026-11-24.
error-day-missing = Pilih tanggal.
message-day-cancelled = { $clinic }: { $doctor } tidak dapat menemui Anda pada { $date } ({ $times }). { $count ->
   *[other] Janji temu Anda dibatalkan.
} Alasan: { $reason } Silakan pilih waktu lain atau hubungi { $phone }.
