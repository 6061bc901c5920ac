//! The judge of time zones: which names are one.

use jiff::tz::TimeZone;

/// The zone of this IANA name, in whatever case it is written, or `None` if there is none. The names of files that stand
/// for what a machine is set to, such as `localtime`, are none: they are another zone on another machine.
pub fn zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    let is_one = zone.iana_name().is_some_and(is_of_the_world);
    is_one.then_some(zone)
}

/// Whether a name that is in the files of zones is that of a zone, and not of a machine's setting, a placeholder, or a
/// copy of all zones for other clocks.
fn is_of_the_world(name: &str) -> bool {
    const NOT_ZONES: [&str; 7] = [
        "localtime",
        "local",
        "posixrules",
        "factory",
        "etc/unknown",
        "unknown",
        "etc/localtime",
    ];
    const NOT_AREAS: [&str; 4] = ["right", "posix", "posixrules", "systemv"];
    let name = name.to_ascii_lowercase();
    let area = name.split('/').next().unwrap_or_default();
    !NOT_ZONES.contains(&name.as_str()) && !NOT_AREAS.contains(&area)
}

/// The zone of a name that is stored, which may be older than this judge.
pub fn stored_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// The zone of a name that is stored, for showing what is there: UTC where nobody knows the name any more. Nothing is
/// offered by such a clock; the program says so when it starts, and `verify` lists it.
pub fn shown_zone(name: &str) -> TimeZone {
    stored_zone(name).unwrap_or(TimeZone::UTC)
}

/// The zones that people live in, by name.
pub fn zone_names() -> Vec<String> {
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| {
            let is_inhabited = name.split_once('/').is_some_and(|(area, _)| {
                matches!(
                    area,
                    "Africa"
                        | "America"
                        | "Antarctica"
                        | "Arctic"
                        | "Asia"
                        | "Atlantic"
                        | "Australia"
                        | "Europe"
                        | "Indian"
                        | "Pacific"
                )
            });
            is_inhabited || name == "UTC"
        })
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_the_same_everywhere() {
        for name in [
            "Asia/Jakarta",
            "America/Argentina/Buenos_Aires",
            "UTC",
            "Etc/GMT+11",
            "Pacific/Chatham",
        ] {
            assert_eq!(zone(name).unwrap().iana_name(), Some(name));
        }
        assert_eq!(zone("asia/jakarta").unwrap().iana_name(), Some("Asia/Jakarta"));
        for name in [
            "localtime",
            "LocalTime",
            "Factory",
            "factory",
            "posixrules",
            "right/Asia/Jakarta",
            "Right/Asia/Jakarta",
            "posix/Asia/Jakarta",
            "POSIX/UTC",
            "Etc/Unknown",
            "Mars/Olympus",
            "+07:00",
            "UTC+7",
            "GMT+25",
            "EST5EDT,M3.2.0,M11.1.0",
            "<+07>-7",
            "Asia",
            "Asia/",
            "/etc/localtime",
            "../localtime",
            "tzdata.zi",
            "zone.tab",
            "",
            " ",
        ] {
            assert_eq!(zone(name), None, "{name}");
        }
    }

    #[test]
    fn every_zone_that_is_offered_is_one() {
        let names = zone_names();
        assert!(names.len() > 300, "{}", names.len());
        assert!(names.iter().all(|name| zone(name).is_some()));
    }

    #[test]
    fn a_stored_name_that_nobody_knows_is_shown_as_utc() {
        assert_eq!(shown_zone("Mars/Olympus"), TimeZone::UTC);
        assert_eq!(shown_zone("Asia/Jakarta").iana_name(), Some("Asia/Jakarta"));
    }
}
