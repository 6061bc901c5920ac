//! Mails that come back: the address for them, which is another one for each mail, and the reports that mail servers send there.

use engine::{
    account::secret::hex,
    notification::{BounceReport, BounceStatus},
};
use hmac::{Hmac, KeyInit, Mac};
use lettre::Address;
use mail_parser::{Message, MessageParser, MimeHeaders};
use sha2::{Digest, Sha256};

use super::secret::Secret;

/// The longest name of the address, so that with all that is added to it, it is one that every mail server takes (RFC 5321).
const MAX_LOCAL: usize = 16;
/// The shortest secret.
pub const MIN_SECRET: usize = 16;
/// The hexadecimal digits of a signature: 64 bits.
const SIGNATURE_LENGTH: usize = 16;

/// Where mails that come back are sent: `bounces@clinic.example` becomes `bounces+MESSAGE.SIGNATURE@clinic.example`, which says
/// of which message it was, and that Janji made it.
#[derive(Clone, Debug)]
pub struct Bounces {
    local: String,
    domain: String,
    secret: Secret,
}

impl Bounces {
    /// `None` where the address cannot be extended.
    pub fn new(address: &Address, secret: Secret) -> Option<Self> {
        let (local, domain) = (address.user(), address.domain());
        let is_fine = local.len() <= MAX_LOCAL && !local.contains('+') && !local.starts_with('"');
        is_fine.then(|| Self {
            local: local.to_owned(),
            domain: domain.to_owned(),
            secret,
        })
    }

    /// The address to which the mail with this name comes back.
    pub fn return_path(&self, name: &str) -> Option<Address> {
        let local = format!("{}+{name}.{}", self.local, self.signature(name)?);
        Address::new(local, &self.domain).ok()
    }

    /// The name of the mail that came back to an address; `None` for any other address, and for one that Janji did not make.
    pub fn name_in(&self, address: &str) -> Option<String> {
        // Nobody has to keep the case of an address.
        let address = address
            .trim()
            .trim_start_matches('<')
            .trim_end_matches('>')
            .to_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        if domain != self.domain.to_ascii_lowercase() {
            return None;
        }
        let token = local
            .strip_prefix(&self.local.to_ascii_lowercase())?
            .strip_prefix('+')?;
        let (name, signature) = token.rsplit_once('.')?;
        let expected = self.signature(name)?;
        // Comparing hashes takes as long wherever the two differ.
        (Sha256::digest(&expected) == Sha256::digest(signature)).then(|| name.to_owned())
    }

    fn signature(&self, name: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.reveal().as_bytes()).ok()?;
        mac.update(b"janji-bounce:");
        mac.update(name.as_bytes());
        let digits = hex(&mac.finalize().into_bytes());
        digits.get(..SIGNATURE_LENGTH).map(str::to_owned)
    }
}

/// A mail that is no report of a delivery that failed, or not about a mail of this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBounce {
    /// A person wrote it, or a holiday did, or it is in no form that programs read.
    NoReport,
    /// The delivery succeeded.
    NoFailure,
    /// It went to no address that Janji made.
    NoToken,
}

/// Reads a mail that came to the address for bounces: the name of the mail that it is about, and what it says. `to` is the
/// address that it was sent to, where the mail server says so; else its headers are asked.
///
/// # Errors
/// Why it says nothing.
pub fn read(bounces: &Bounces, to: Option<&str>, mail: &[u8]) -> Result<(String, BounceReport), NoBounce> {
    let message = MessageParser::default().parse(mail).ok_or(NoBounce::NoReport)?;
    let name = to
        .and_then(|to| bounces.name_in(to))
        .or_else(|| name_in_headers(bounces, &message))
        .ok_or(NoBounce::NoToken)?;
    let statuses: Vec<&[u8]> = message
        .parts
        .iter()
        .filter(|part| part.is_content_type("message", "delivery-status"))
        .map(|part| part.contents())
        .collect();
    if statuses.is_empty() {
        return Err(NoBounce::NoReport);
    }
    let reports: Vec<BounceReport> = statuses.into_iter().flat_map(reports_in).collect();
    let worst = reports
        .iter()
        .find(|report| report.is_over)
        .or_else(|| reports.first());
    Ok((name, *worst.ok_or(NoBounce::NoFailure)?))
}

/// Mail servers write the address that a mail was delivered to into it, in one header or another.
fn name_in_headers(bounces: &Bounces, message: &Message) -> Option<String> {
    const HEADERS: [&str; 5] = [
        "Delivered-To",
        "X-Original-To",
        "Envelope-To",
        "X-Envelope-To",
        "To",
    ];
    message
        .headers_raw()
        .filter(|(header, _)| HEADERS.iter().any(|known| known.eq_ignore_ascii_case(header)))
        .flat_map(|(_, value)| value.split([',', ' ', '\t', '\r', '\n']))
        .find_map(|word| bounces.name_in(word))
}

/// The reports about recipients in a delivery status: groups of fields with an empty line between them, of which the first is
/// about the whole mail.
fn reports_in(status: &[u8]) -> Vec<BounceReport> {
    let text = String::from_utf8_lossy(status).replace("\r\n", "\n");
    text.split("\n\n").filter_map(report_in).collect()
}

fn report_in(group: &str) -> Option<BounceReport> {
    let fields = format!("{}\n\n", group.trim_matches('\n'));
    let fields = MessageParser::default().parse_headers(&fields)?;
    let field = |name: &'static str| {
        let found = (fields.headers_raw()).find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    };
    let is_over = match field("Action").to_ascii_lowercase().as_str() {
        "failed" => true,
        "delayed" => false,
        // Delivered, relayed to who reports nothing, sent to several.
        _ => return None,
    };
    let status = field("Status").split_whitespace().next();
    let status = status.and_then(BounceStatus::parse);
    // What the last mail server said may be plainer than what the one that reports made of it.
    let plainer = field("Diagnostic-Code")
        .split(|letter: char| letter != '.' && !letter.is_ascii_digit())
        .filter_map(BounceStatus::parse)
        .find(|status| !status.is_vague());
    let status = match (status, plainer) {
        (Some(status), Some(plainer)) if status.is_vague() => plainer,
        (Some(status), _) => status,
        (None, Some(plainer)) => plainer,
        (None, None) => BounceStatus::parse(if is_over { "5.0.0" } else { "4.0.0" })?,
    };
    Some(BounceReport { is_over, status })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounces() -> Bounces {
        let address: Address = "bounces@clinic.example".parse().unwrap();
        Bounces::new(&address, Secret::new("a secret of some length")).unwrap()
    }

    #[test]
    fn an_address_says_which_mail_it_was() {
        let bounces = bounces();
        let name = "2147483647.1700000000000001";
        let address = bounces.return_path(name).unwrap().to_string();
        assert!(
            address.starts_with("bounces+2147483647.1700000000000001."),
            "{address}"
        );
        assert!(address.split('@').next().unwrap().len() <= 64);
        for written in [address.clone(), address.to_uppercase(), format!(" <{address}> ")] {
            assert_eq!(bounces.name_in(&written).as_deref(), Some(name), "{written}");
        }
    }

    #[test]
    fn an_address_that_is_forged_says_nothing() {
        let bounces = bounces();
        let address = bounces.return_path("7.1700000000000001").unwrap().to_string();
        let other: Address = "bounces@clinic.example".parse().unwrap();
        let other = Bounces::new(&other, Secret::new("another secret of some length")).unwrap();
        assert_eq!(other.name_in(&address), None);
        for forged in [
            address.replace("+7.", "+8."),
            address.replace("000001.", "000002."),
            address.replace("clinic.example", "evil.example"),
            address.replace("bounces+", "others+"),
            "bounces+7.1700000000000001@clinic.example".to_owned(),
            "bounces+7.1700000000000001.@clinic.example".to_owned(),
            "bounces@clinic.example".to_owned(),
            String::new(),
        ] {
            assert_eq!(bounces.name_in(&forged), None, "{forged}");
        }
    }

    #[test]
    fn an_address_that_would_be_too_long_or_has_a_plus_is_refused() {
        for address in ["a-very-long-address@clinic.example", "a+b@clinic.example"] {
            let address: Address = address.parse().unwrap();
            assert!(
                Bounces::new(&address, Secret::new("secret")).is_none(),
                "{address}"
            );
        }
    }

    #[test]
    fn a_status_is_read_with_what_the_last_server_said() {
        let report = |group: &str| report_in(group).map(|report| (report.is_over, report.status.to_string()));
        for (group, expected) in [
            (
                "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1",
                Some((true, "5.1.1")),
            ),
            (
                "Action: FAILED\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 The email account\n 550 5.1.1 does not exist",
                Some((true, "5.1.1")),
            ),
            (
                "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 No such user at 192.0.2.1",
                Some((true, "5.0.0")),
            ),
            (
                "Action: failed\nStatus: 5.2.2 (mailbox full)",
                Some((true, "5.2.2")),
            ),
            (
                "Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: x",
                Some((false, "4.4.1")),
            ),
            ("Action: failed", Some((true, "5.0.0"))),
            ("Action: delivered\nStatus: 2.0.0", None),
            ("Reporting-MTA: dns; mx.example\nArrival-Date: x", None),
        ] {
            let expected = expected.map(|(is_over, status)| (is_over, status.to_owned()));
            assert_eq!(report(group), expected, "{group}");
        }
    }
}
