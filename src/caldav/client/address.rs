//! The names of what is at a server: one name for one thing, however it is written.

use url::Url;

/// A name that a server says, as a whole address.
pub(super) fn resolved(base: &str, href: &str) -> Option<String> {
    let url = Url::parse(base).ok()?.join(href.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| canonical(url))
}

/// The same name, however its characters are protected.
fn canonical(mut url: Url) -> String {
    url.set_fragment(None);
    url.set_query(None);
    let path = canonical_path(url.path());
    url.set_path(&path);
    url.into()
}

/// Whether a character stands for itself in a path, protected or not.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

fn canonical_path(path: &str) -> String {
    let bytes = path.as_bytes();
    let (mut canonical, mut at) = (String::with_capacity(path.len()), 0);
    while at < bytes.len() {
        let protected = (bytes[at] == b'%')
            .then(|| {
                path.get(at + 1..at + 3)
                    .and_then(|code| u8::from_str_radix(code, 16).ok())
            })
            .flatten();
        match protected {
            Some(byte) if is_plain(byte) => canonical.push(char::from(byte)),
            Some(byte) => canonical.push_str(&format!("%{byte:02X}")),
            None => canonical.push(char::from(bytes[at])),
        }
        at += if protected.is_some() { 3 } else { 1 };
    }
    canonical
}

/// The path of an address, as a server is told it.
pub(super) fn path_of(address: &str) -> String {
    Url::parse(address)
        .map(|url| url.path().to_owned())
        .unwrap_or_default()
}

/// Whether two addresses are of the same server.
pub(super) fn is_same_server(one: &str, other: &str) -> bool {
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    origin(one).is_some_and(|origin_of_one| Some(origin_of_one) == origin(other))
}

/// The address of a calendar, which ends like that of a folder.
pub(super) fn folder(address: String) -> String {
    match address.ends_with('/') {
        true => address,
        false => address + "/",
    }
}

/// The folder that a calendar is in; none for what is in none.
pub(super) fn home_of(address: &str) -> Option<String> {
    resolved(&folder(address.to_owned()), "..").filter(|home| *home != folder(address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_is_in_a_folder() {
        for (address, home) in [
            (
                "https://dav.example.com/u%40x/cal/",
                Some("https://dav.example.com/u@x/"),
            ),
            (
                "https://dav.example.com/u@x/cal",
                Some("https://dav.example.com/u@x/"),
            ),
            ("https://dav.example.com/cal/", Some("https://dav.example.com/")),
            ("https://dav.example.com/", None),
            ("cal", None),
        ] {
            assert_eq!(home_of(address).as_deref(), home, "{address}");
        }
    }

    #[test]
    fn one_thing_has_one_name() {
        let base = "https://dav.example.com/user%40x/cal/";
        for href in [
            "/user@x/cal/A-b.ics",
            "/user%40x/cal/A%2db.ics",
            "A-b.ics",
            "https://dav.example.com:443/user@x/cal/A-b.ics#x",
        ] {
            assert_eq!(
                resolved(base, href).as_deref(),
                Some("https://dav.example.com/user@x/cal/A-b.ics"),
                "{href}"
            );
        }
        // What would be another path stays protected.
        assert_eq!(
            resolved(base, "/a%2fb/%3f.ics").as_deref(),
            Some("https://dav.example.com/a%2Fb/%3F.ics")
        );
        assert_eq!(resolved(base, "mailto:a@b"), None);
        assert_eq!(
            resolved(base, "/%zz.ics").as_deref(),
            Some("https://dav.example.com/%zz.ics")
        );
        assert!(
            is_same_server(base, "https://dav.example.com/y")
                && !is_same_server(base, "https://x.example.com/")
        );
    }
}
