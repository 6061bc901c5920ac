//! The forms of accounts.

use super::{Known, Row, ask};
use crate::support::Everybody;

/// The answers to these forms that are others than they should be.
pub(super) async fn wrong(everybody: &Everybody, known: Known<'_>) -> Vec<String> {
    let Known { staff_id, .. } = known;
    let account = [
        ("staff_id", staff_id),
        ("active", "false"),
        ("role", "admin"),
        ("id", "x"),
    ];
    let code = [("code", "271828")];
    let number = [("id", "1")];
    let invited = [("name", "Ayu"), ("email", "ayu@test.example")];
    let choice = [("key", "x"), ("new_password", "tulips on a barge")];
    let table: &[Row<'_>] = &[
        ("invite-admin", &invited, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("invite-staff", &account, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("staff-access", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("staff-clinics", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("staff-role", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("reset-factors", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("answer-factor", &code, [401, 401, 401, 401, 401, 401, 401, 401]),
        ("begin-totp", &[], [401, 403, 403, 0, 0, 0, 0, 0]),
        // Nothing is being set up.
        ("finish-totp", &code, [401, 403, 403, 401, 401, 401, 401, 401]),
        ("remove-totp", &[], [401, 403, 403, 404, 404, 404, 404, 404]),
        ("renew-codes", &[], [401, 403, 403, 404, 404, 404, 404, 404]),
        // Without an address of the site there are no passkeys.
        ("passkey-options", &code, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("add-passkey", &code, [401, 403, 403, 404, 404, 404, 404, 404]),
        (
            "remove-passkey",
            &number,
            [401, 403, 403, 404, 404, 404, 404, 404],
        ),
        ("answer-passkey", &code, [401, 401, 401, 401, 401, 401, 401, 401]),
        ("confirm-passkey", &code, [401, 403, 403, 404, 404, 404, 404, 404]),
        ("codes-kept", &[], [401, 0, 0, 0, 0, 0, 0, 0]),
        ("confirm-self", &[], [401, 403, 403, 422, 422, 422, 422, 422]),
        ("new-phone", &invited, [401, 422, 422, 403, 403, 403, 403, 403]),
        // Nobody has asked for a code.
        ("confirm-phone", &code, [401, 401, 401, 403, 403, 403, 403, 403]),
        ("own-password", &[], [401, 403, 403, 422, 422, 422, 422, 422]),
        ("end-session", &account, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("end-other-sessions", &[], [401, 0, 0, 0, 0, 0, 0, 0]),
        (
            "choose-password",
            &choice,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        // Without an address of the site, nobody is sent a link.
        (
            "forgotten-password",
            &invited,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
    ];
    ask(everybody, table).await
}
