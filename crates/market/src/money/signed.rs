//! Whether a server said something: Ed25519 over the text that it signs.

use ring::signature::{ED25519, UnparsedPublicKey};

/// Whether a text was signed with the key whose public part this is.
pub fn is_signed(text: &str, public: &str, signature: &str) -> bool {
    let (Ok(public), Ok(signature)) = (hex::decode(public), hex::decode(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, public).verify(text.as_bytes(), &signature).is_ok()
}
