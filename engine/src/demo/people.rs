//! The people, clinics and services of the demo. All are made up; the phone numbers are from ranges reserved for
//! fiction.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use crate::time;

pub(super) struct Clinic {
    pub name: &'static str,
    pub address: &'static str,
    pub city: &'static str,
    pub phone: &'static str,
    pub zone: &'static str,
}

pub(super) const CLINICS: &[Clinic] = &[
    Clinic {
        name: "Klinik Harapan",
        address: "Jalan Kenanga 12",
        city: "Jakarta",
        phone: "+62 21 5550 0110",
        zone: "Asia/Jakarta",
    },
    Clinic {
        name: "Praxis am Park",
        address: "Parkstraße 8",
        city: "Berlin",
        phone: "+49 30 23125 120",
        zone: "Europe/Berlin",
    },
    Clinic {
        name: "Harbour Clinic",
        address: "4 Quayside Lane",
        city: "Auckland",
        phone: "+64 9 555 0130",
        zone: "Pacific/Auckland",
    },
];

const JAKARTA: usize = 0;
const BERLIN: usize = 1;
const AUCKLAND: usize = 2;

/// The zone of a clinic of this list.
pub(super) fn zone(clinic: usize) -> TimeZone {
    time::zone(CLINICS[clinic].zone).unwrap_or(TimeZone::UTC)
}

/// The date at a clinic of this list, so many days from now.
pub(super) fn day(now: Timestamp, clinic: usize, in_days: i32) -> civil::Date {
    time::local_date(now, &zone(clinic)).saturating_add(in_days.days())
}

/// Minutes, but for the horizon.
pub(super) struct Service {
    pub key: &'static str,
    pub name: &'static str,
    pub mode: &'static str,
    pub duration: i32,
    pub buffer_after: i32,
    pub interval: i32,
    pub notice: i32,
    pub horizon_days: i32,
    pub cutoff: i32,
    pub instant: bool,
}

pub(super) const SERVICES: &[Service] = &[
    Service {
        key: "text_consultation",
        name: "Text consultation",
        mode: "text",
        duration: 15,
        buffer_after: 0,
        interval: 30,
        notice: 15,
        horizon_days: 60,
        cutoff: 30,
        instant: false,
    },
    Service {
        key: "video_consultation",
        name: "Video consultation",
        mode: "video",
        duration: 30,
        buffer_after: 0,
        interval: 30,
        notice: 30,
        horizon_days: 60,
        cutoff: 60,
        instant: false,
    },
    Service {
        key: "in_person",
        name: "Visit at the clinic",
        mode: "in_person",
        duration: 25,
        buffer_after: 5,
        interval: 30,
        notice: 60,
        horizon_days: 60,
        cutoff: 240,
        instant: false,
    },
    Service {
        key: "flu_vaccination",
        name: "Flu vaccination",
        mode: "in_person",
        duration: 10,
        buffer_after: 5,
        interval: 15,
        notice: 60,
        horizon_days: 30,
        cutoff: 60,
        instant: true,
    },
];

const EVERYTHING: &[usize] = &[0, 1, 2, 3];

/// Minutes after midnight.
type Ranges = &'static [(i32, i32)];

/// The hours of a week, by weekdays.
pub(super) type Week = &'static [(&'static [u8], Ranges)];

/// A clinic where a doctor works, with the hours there.
pub(super) struct Place {
    pub clinic: usize,
    pub services: &'static [usize],
    pub week: Week,
    pub breaks: Week,
    pub exceptions: &'static [Exception],
}

/// On which day of every year all clinics are closed, and since when.
pub(super) const CLOSURE: (civil::Date, &str) = (civil::date(2020, 1, 1), "New Year");

/// A date that does not follow the week.
pub(super) struct Exception {
    pub in_days: i32,
    pub note: &'static str,
    pub hours: Ranges,
}

pub(super) struct Doctor {
    pub name: &'static str,
    pub email: &'static str,
    pub speciality: &'static str,
    pub about: &'static str,
    pub languages: &'static [&'static str],
    pub places: &'static [Place],
}

const MONDAY_TO_FRIDAY: &[u8] = &[1, 2, 3, 4, 5];
const SATURDAY: &[u8] = &[6];
const SUNDAY: &[u8] = &[7];

const fn hm(hour: i32, minute: i32) -> i32 {
    hour * 60 + minute
}

pub(super) const DOCTORS: &[Doctor] = &[
    Doctor {
        name: "Dr Sari Wulandari",
        email: "sari@demo.example",
        speciality: "General practice",
        about: "I have been a family doctor in Jakarta for fifteen years, and I still think that listening is half \
                of the treatment. Bring your questions, also the ones that seem small. If something needs a \
                specialist, I will tell you whom I would go to myself.",
        languages: &["id", "en"],
        // Every day of the week, so that there is something to see on whichever day the demo is started.
        places: &[Place {
            clinic: JAKARTA,
            services: EVERYTHING,
            week: &[
                (MONDAY_TO_FRIDAY, &[(hm(8, 0), hm(12, 0)), (hm(13, 0), hm(17, 0))]),
                (SATURDAY, &[(hm(8, 0), hm(12, 0)), (hm(13, 0), hm(15, 0))]),
                (SUNDAY, &[(hm(9, 0), hm(13, 0))]),
            ],
            breaks: &[],
            exceptions: &[
                Exception {
                    in_days: 9,
                    note: "Training day",
                    hours: &[],
                },
                Exception {
                    in_days: 12,
                    note: "Late start",
                    hours: &[(hm(10, 0), hm(12, 0)), (hm(13, 0), hm(19, 0))],
                },
            ],
        }],
    },
    Doctor {
        name: "Dr Budi Santoso",
        email: "budi@demo.example",
        speciality: "Paediatrics",
        about: "Children are not small adults, and a visit should not be something to be afraid of. I take time to \
                explain to both, the child and the parents. For worries in between, a text consultation is often \
                enough.",
        languages: &["id", "en"],
        places: &[Place {
            clinic: JAKARTA,
            services: EVERYTHING,
            week: &[
                (MONDAY_TO_FRIDAY, &[(hm(9, 0), hm(18, 0))]),
                (SATURDAY, &[(hm(9, 0), hm(13, 0))]),
            ],
            breaks: &[(MONDAY_TO_FRIDAY, &[(hm(12, 30), hm(13, 30))])],
            exceptions: &[Exception {
                in_days: 4,
                note: "School visits in the morning",
                hours: &[(hm(14, 0), hm(18, 0))],
            }],
        }],
    },
    Doctor {
        name: "Dr Lena Hoffmann",
        email: "lena@demo.example",
        speciality: "Dermatology",
        about: "Skin tells a lot, and most of what worries people turns out to be harmless. I would rather you came \
                once too often. A good photo in a text consultation often saves you the way here.",
        languages: &["de", "en"],
        places: &[
            Place {
                clinic: BERLIN,
                services: EVERYTHING,
                week: &[
                    (&[1, 3], &[(hm(8, 0), hm(12, 0)), (hm(13, 0), hm(17, 0))]),
                    (&[2, 4], &[(hm(10, 0), hm(13, 0)), (hm(14, 0), hm(18, 30))]),
                    (&[5], &[(hm(8, 0), hm(13, 0))]),
                ],
                breaks: &[],
                exceptions: &[Exception {
                    in_days: 6,
                    note: "Congress",
                    hours: &[],
                }],
            },
            // The evening there is the early morning in Berlin.
            Place {
                clinic: AUCKLAND,
                services: &[0, 1],
                week: &[(&[2, 4], &[(hm(18, 0), hm(20, 0))])],
                breaks: &[],
                exceptions: &[],
            },
        ],
    },
    Doctor {
        name: "Dr Jonas Weber",
        email: "jonas@demo.example",
        speciality: "Internal medicine",
        about: "High blood pressure, diabetes, a heart that stumbles: much of my work is living well with something \
                that stays. We make a plan that fits your days, and we look at it again together.",
        languages: &["de", "en"],
        places: &[Place {
            clinic: BERLIN,
            services: EVERYTHING,
            week: &[
                (
                    MONDAY_TO_FRIDAY,
                    &[(hm(8, 30), hm(12, 30)), (hm(13, 30), hm(17, 30))],
                ),
                (SATURDAY, &[(hm(9, 0), hm(12, 0))]),
            ],
            breaks: &[],
            exceptions: &[Exception {
                in_days: 8,
                note: "Closes early",
                hours: &[(hm(8, 30), hm(12, 30))],
            }],
        }],
    },
    Doctor {
        name: "Dr Aroha Ngata",
        email: "aroha@demo.example",
        speciality: "General practice",
        about: "I grew up around the corner from this clinic, and I like to know the people I look after. Come as you \
                are, and bring somebody along if that makes it easier.",
        languages: &["en"],
        places: &[Place {
            clinic: AUCKLAND,
            services: EVERYTHING,
            week: &[
                (
                    MONDAY_TO_FRIDAY,
                    &[(hm(8, 0), hm(12, 0)), (hm(12, 45), hm(16, 45))],
                ),
                (SATURDAY, &[(hm(9, 0), hm(12, 0))]),
            ],
            breaks: &[],
            exceptions: &[Exception {
                in_days: 10,
                note: "On leave",
                hours: &[],
            }],
        }],
    },
    Doctor {
        name: "Dr Tom Fraser",
        email: "tom@demo.example",
        speciality: "Sports medicine",
        about: "Runners, rugby players, gardeners with a sore back: I want to know what you would like to do again, and \
                we work our way back to it from there.",
        languages: &["en", "de"],
        places: &[Place {
            clinic: AUCKLAND,
            services: EVERYTHING,
            week: &[
                (&[1, 2, 4, 5], &[(hm(9, 0), hm(12, 30)), (hm(13, 30), hm(18, 0))]),
                (&[3], &[(hm(13, 0), hm(20, 0))]),
            ],
            breaks: &[],
            exceptions: &[Exception {
                in_days: 5,
                note: "At the marathon",
                hours: &[],
            }],
        }],
    },
];

/// Phone numbers and names.
pub(super) const PATIENTS: &[(&str, &str)] = &[
    ("+6281255500101", "Dewi Lestari"),
    ("+6281255500102", "Agus Pratama"),
    ("+6281255500103", "Rina Marlina"),
    ("+6281255500104", "Hendra Wijaya"),
    ("+6281255500105", "Putri Ayu Kusuma"),
    ("+491713920011", "Katharina Vogel"),
    ("+491713920012", "Mehmet Yılmaz"),
    ("+491713920013", "Jürgen Schäfer"),
    ("+491713920014", "Sophie Brandt"),
    ("+64215550101", "Mere Tamihana"),
    ("+64215550102", "Oliver Bennett"),
    ("+64215550103", "Priya Nair"),
];

/// Why patients come, in their words.
pub(super) const REASONS: &[&str] = &[
    "A cough that has not gone away for three weeks",
    "I would like to talk about my blood pressure tablets",
    "Itchy rash on both arms since Sunday",
    "Follow-up after the blood test",
    "Headaches in the afternoon, mostly at work",
    "My knee hurts when I climb stairs",
    "Renewal of a prescription",
    "",
    "Trouble sleeping since we moved",
    "A mole that has changed its colour",
    "Check-up before a long journey",
];
