//! Where a webhook posts to: an address of the public internet, so that nobody has Janji ask what is inside of its network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::error::{AppError, Field, FieldProblem};

/// The length of an address, in characters.
const MAX_URL: usize = 500;

/// The address of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// Reads an address: `https`, a host, and no user, password or fragment. A host that is a number has to be a public one.
    /// A name is looked up when something is posted, and not before. `allows_private` is the choice of the installation.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn parse(text: &str, allows_private: bool) -> Result<Self, AppError> {
        Self::of_field(Field::WebhookUrl, text, allows_private)
    }

    /// Reads an address by the same rules where another field has it.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of_field(field: Field, text: &str, allows_private: bool) -> Result<Self, AppError> {
        let wrong = |problem| AppError::invalid(field, problem);
        let text = text.trim();
        if text.is_empty() {
            return Err(wrong(FieldProblem::Missing));
        }
        let over = text.chars().count().saturating_sub(MAX_URL);
        if over > 0 {
            return Err(wrong(FieldProblem::too_long_by(over)));
        }
        let malformed = wrong(FieldProblem::Malformed);
        let url = Url::parse(text).map_err(|_| malformed)?;
        let is_secure = url.scheme() == "https" || allows_private && url.scheme() == "http";
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_there = match url.host() {
            Some(Host::Domain(name)) => allows_private || !is_of_this_network(name),
            Some(Host::Ipv4(address)) => allows_private || is_public(address.into()),
            Some(Host::Ipv6(address)) => allows_private || is_public(address.into()),
            None => false,
        };
        match is_secure && is_plain && is_there {
            true => Ok(Self(url.into())),
            false => Err(malformed),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a name is of this machine or its network, whatever it leads to.
fn is_of_this_network(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.') || ["localhost", "local", "internal", "lan", "home", "arpa"].contains(&last)
}

/// Whether an address is one of the public internet: neither of this machine or its network, nor reserved, nor another
/// address in disguise.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b, c) {
        (0 | 10 | 127, ..) | (224.., ..) => true,
        // For the customers of a provider; link-local, where clouds answer with keys; private.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // Assignments of protocols, documentation, relays and benchmarks.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !is_special
}

/// Of all that is assigned, only `2000::/3` is global; what is mapped to an address of version 4 is outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0xe000 == 0x2000;
    let is_special = match (a, b) {
        // Teredo and other protocols; documentation.
        (0x2001, 0..0x0200) | (0x2001, 0x0db8) | (0x3fff, 0..0x1000) => true,
        // An address of version 4 in disguise.
        (0x2002, _) => true,
        _ => false,
    };
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff:1::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_target_is_an_https_address_of_somewhere_else() {
        for text in [
            "",
            "hooks.example.com",
            "http://hooks.example.com/",
            "ftp://hooks.example.com",
            "https://",
            "https://user@hooks.example.com/",
            "https://u:p@hooks.example.com/",
            "https://hooks.example.com/#x",
            "https://localhost/",
            "https://localhost./x",
            "https://db.internal/",
            "https://printer.local/",
            "https://intranet/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://192.168.0.1:8443/",
        ] {
            assert!(Target::parse(text, false).is_err(), "{text}");
        }
        for text in [
            "https://hooks.example.com/",
            "https://hooks.example.com:8443/janji?tenant=1",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/x",
        ] {
            assert_eq!(
                Target::parse(text, false).map(|target| target.0),
                Ok(text.to_owned())
            );
        }
        for text in ["http://127.0.0.1:9/x", "https://localhost/", "http://intranet/"] {
            assert!(Target::parse(text, true).is_ok(), "{text}");
        }
        assert!(Target::parse("file:///etc/passwd", true).is_err());
        let long = format!("https://hooks.example.com/{}", "x".repeat(MAX_URL));
        assert!(Target::parse(&long, false).is_err());
    }
}
