//! Keeping a token between the form that makes it and the page that shows it, so that neither the database nor a URL has it.

use rand::RngExt;
use sha2::{Digest, Sha256};

/// What only the browser knows in which a token is shown: its session id, of which the database has a hash.
#[derive(Clone)]
pub struct BrowserKey([u8; 16]);

impl BrowserKey {
    pub fn new(session_id: i128) -> Self {
        Self(session_id.to_be_bytes())
    }
}

/// It is as good as the session.
impl std::fmt::Debug for BrowserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserKey(…)")
    }
}

const NONCE_BYTES: usize = 16;

/// Whoever has the key can open it: SHA-256 of key, nonce and place is added to the text, block by block, and no nonce
/// comes twice.
pub fn seal(text: &str, key: &BrowserKey) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = rand::rng().random();
    let mut sealed = nonce.to_vec();
    sealed.extend(apply(text.as_bytes(), key, &nonce));
    sealed
}

/// What was sealed; with another key, nothing that makes sense, if anything.
pub fn open(sealed: &[u8], key: &BrowserKey) -> Option<String> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES)?;
    String::from_utf8(apply(rest, key, nonce)).ok()
}

fn apply(bytes: &[u8], key: &BrowserKey, nonce: &[u8]) -> Vec<u8> {
    let block_bytes = <Sha256 as Digest>::output_size();
    bytes
        .chunks(block_bytes)
        .zip(0u64..)
        .flat_map(|(chunk, place)| {
            let pad = Sha256::new()
                .chain_update("janji made token")
                .chain_update(key.0)
                .chain_update(nonce)
                .chain_update(place.to_be_bytes())
                .finalize();
            chunk
                .iter()
                .zip(pad)
                .map(|(byte, pad)| byte ^ pad)
                .collect::<Vec<u8>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_by_the_same_browser_alone() {
        let token = format!("janji_{}", "0123456789abcdef".repeat(4));
        let (key, other) = (BrowserKey::new(7), BrowserKey::new(-7));
        let sealed = seal(&token, &key);
        assert_eq!(open(&sealed, &key), Some(token.clone()));
        assert_ne!(open(&sealed, &other), Some(token.clone()));
        assert_ne!(seal(&token, &key), sealed, "one pad was used twice");
        let parts: Vec<&[u8]> = token.as_bytes().chunks(6).collect();
        assert!(sealed.windows(6).all(|window| !parts.contains(&window)));
        assert_eq!(open(&[], &key), None);
        assert_eq!(open(&sealed[..NONCE_BYTES], &key), Some(String::new()));
    }
}
