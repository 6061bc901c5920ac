//! Where somebody signs in from: the network address, without what changes from one request to the next.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};

use super::session::SignedIn;
use crate::database::{Failure, Tx};

/// The time for which a place is remembered after somebody signed in there, in minutes.
pub(super) const KEEP_MINUTES: i64 = 90 * 24 * 60;

/// Returns the place that a network address belongs to. A port does not count, an IPv4 address in an IPv6 one is that
/// address, and all addresses of one IPv6 network (/64) are one place. What is no address is a place of its own.
pub fn place(address: &str) -> String {
    let address = address.trim();
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    let ip = bare
        .parse::<IpAddr>()
        .or_else(|_| address.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|error| match bare.split_once('%') {
            // With the name of an interface.
            Some((ip, _)) => ip.parse().map_err(|_| error),
            None => Err(error),
        });
    match ip.map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => format!("{}/64", Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        Err(_) => address.chars().take(100).collect(),
    }
}

/// The digest by which a place of an account is stored.
fn digest(who: SignedIn, place: &str) -> Vec<u8> {
    Sha256::digest(format!("{who:?} {place}")).to_vec()
}

/// Whether somebody has signed in from this place of late. No place is none.
pub(super) async fn is_known(
    tx: &mut Tx,
    who: SignedIn,
    place: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    if place.is_empty() {
        return Ok(false);
    }
    let known = sqlx::query_scalar!(
        r#"select exists (select from sign_in_places where place = $1 and seen_at > $2) as "known!""#,
        &digest(who, place),
        crate::time::plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
    );
    Ok(known.fetch_one(&mut **tx).await?)
}

/// Notes that somebody has signed in from this place.
pub(super) async fn remember(tx: &mut Tx, who: SignedIn, place: &str, now: Timestamp) -> Result<(), Failure> {
    if place.is_empty() {
        return Ok(());
    }
    let (patient_id, staff_id) = who.ids();
    sqlx::query!(
        "insert into sign_in_places (patient_id, staff_id, place, seen_at) values ($1, $2, $3, $4)
         on conflict on constraint sign_in_places_place_key do update set seen_at = excluded.seen_at",
        patient_id,
        staff_id,
        &digest(who, place),
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_a_network_of_many() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1 ", "192.0.2.1"),
            ("192.0.2.1:52811", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::7]", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::7]:40001", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("unknown", "unknown"),
            ("", ""),
        ] {
            assert_eq!(place(address), expected, "{address}");
        }
        assert_ne!(place("2001:db8:1:3::1"), place("2001:db8:1:2::1"));
    }
}
