//! Commands of patients, as their forms make them.

use engine::{
    account::Caller,
    booking::{Hold, Rules, Submit, Wanted},
};

const HOLD_MINUTES: i64 = 10;
const ANSWER_MINUTES: i64 = 24 * 60;
pub const RULES: Rules = Rules {
    hold_minutes: HOLD_MINUTES,
    answer_minutes: ANSWER_MINUTES,
    open_requests: 0,
    over_limit: false,
    open_appointments: 0,
};

/// Rules with another time to answer in.
pub fn answer_within(minutes: i64) -> Rules {
    Rules {
        answer_minutes: minutes,
        ..RULES
    }
}

pub fn patient_caller(id: i64) -> Caller {
    Caller::Patient {
        id,
        name: None,
        family: Vec::new(),
        opened_since: None,
    }
}

/// The hash of a visitor's token: never the zeros that hold what the waitlist offers.
pub fn visitor(number: usize) -> Vec<u8> {
    let mut hash = number.to_be_bytes().repeat(4);
    hash[0] = 7;
    hash
}

pub fn hold(number: usize, wanted: Wanted) -> Hold {
    Hold {
        key: None,
        keeps: Vec::new(),
        wanted,
        visitor: visitor(number),
        patient_id: None,
        address: "192.0.2.1".to_owned(),
        holds_per_address: 0,
        rules: RULES,
    }
}

pub fn submit(number: usize, patient_id: i64, reference: &str) -> Submit {
    Submit {
        instead_of: None,
        key: None,
        reference: reference.to_owned(),
        visitor: visitor(number),
        patient_id,
        newcomer: None,
        booked_by: patient_id,
        name: "Somebody".to_owned(),
        reason: "A cough".to_owned(),
        rules: RULES,
    }
}
