//! What a phone agent sends. Its fields are those of others, who add to them: what is not known is passed over.

use engine::{
    account::{Country, Phone, storable},
    i18n::Locale,
    phone_call::{BookTime, Call, CallEvent, MAX_CALL_ID, PartOfDay, Proof, Tool, What, read_slot},
    time,
};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The length of a text that is taken from an agent, in characters.
const MAX_TEXT: usize = 500;
/// The length of what may be a number, in characters.
const MAX_NUMBER: usize = 40;

/// The call that something is about; none where it has no name.
pub(super) fn call(value: &Value) -> Option<Call> {
    let call_id = value.get("call_id").and_then(Value::as_str)?;
    let is_one = !call_id.is_empty()
        && call_id.len() <= MAX_CALL_ID
        && call_id.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_one {
        return None;
    }
    // Where the agent calls somebody, the clinic is at the other end.
    let is_outbound = value.get("direction").and_then(Value::as_str) == Some("outbound");
    let (caller, line) = match is_outbound {
        true => ("to_number", "from_number"),
        false => ("from_number", "to_number"),
    };
    Some(Call {
        call_id: call_id.to_owned(),
        number: number(value.get(caller)),
        line: number(value.get(line)).map_or_else(String::new, |number| number.as_str().to_owned()),
    })
}

/// A number with its country code; none where it is hidden, or something else.
pub(super) fn number(value: Option<&Value>) -> Option<Phone> {
    let text = value?.as_str()?.trim();
    if !text.starts_with('+') || text.len() > MAX_NUMBER {
        return None;
    }
    Phone::parse(text, Country::default()).ok()
}

/// What a tool is asked; none where that is no list of names.
pub(super) fn args(said: &Map<String, Value>) -> Option<Map<String, Value>> {
    match said.get("args") {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(args)) => Some(args.clone()),
        Some(_) => None,
    }
}

/// The language in which the caller speaks, where it is said.
pub(super) fn language(args: &Map<String, Value>) -> Option<Locale> {
    let said = text(args, "language").to_lowercase();
    let code = said.split(['-', '_']).next()?;
    Locale::parse(code)
}

/// A text, cleaned of what the database does not take. A number is one as well: models write codes without quotes.
fn text(args: &Map<String, Value>, name: &str) -> String {
    let said = match args.get(name) {
        Some(Value::String(said)) => said.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return String::new(),
    };
    storable(&said).chars().take(MAX_TEXT).collect()
}

fn yes(args: &Map<String, Value>, name: &str) -> bool {
    match args.get(name) {
        Some(Value::Bool(is)) => *is,
        Some(Value::String(said)) => ["true", "yes"].contains(&said.trim().to_lowercase().as_str()),
        _ => false,
    }
}

fn proof(args: &Map<String, Value>) -> Proof {
    Proof {
        number: text(args, "phone"),
        code: text(args, "code"),
        again: yes(args, "new_code"),
    }
}

/// The tool of this name, with what it is asked; none where there is no such tool.
pub(super) fn tool(name: &str, args: &Map<String, Value>) -> Option<Tool> {
    let time = || read_slot(&text(args, "slot"));
    Some(match name {
        "find_times" => Tool::FindTimes {
            service: text(args, "service"),
            doctor: text(args, "doctor"),
            day: time::date(&text(args, "day")),
            part: PartOfDay::parse(&text(args, "part_of_day")),
        },
        "hold_time" => Tool::HoldTime { time: time() },
        "book" => Tool::Book(BookTime {
            time: time(),
            name: text(args, "name"),
            reason: text(args, "reason"),
            is_new_person: yes(args, "new_person"),
            confirm_second: yes(args, "confirm_second"),
            proof: proof(args),
        }),
        "my_appointments" => Tool::MyAppointments { proof: proof(args) },
        "cancel_appointment" => Tool::Cancel {
            appointment: text(args, "appointment"),
            proof: proof(args),
        },
        "move_appointment" => Tool::Move {
            appointment: text(args, "appointment"),
            time: time(),
            proof: proof(args),
        },
        "request_callback" => Tool::RequestCallback {
            number: text(args, "phone"),
            note: text(args, "note"),
        },
        _ => return None,
    })
}

/// What an event of this name says; none where it says nothing that is kept.
pub(super) fn what(name: &str) -> Option<What> {
    match name {
        "call_started" => Some(What::Started),
        "call_ended" => Some(What::Ended),
        "call_analyzed" => Some(What::Analyzed),
        _ => None,
    }
}

/// An event of a call.
pub(super) fn event(what: What, value: &Value) -> Option<CallEvent> {
    let at = |name: &str| {
        let milliseconds = value.get(name).and_then(Value::as_i64)?;
        Timestamp::from_millisecond(milliseconds).ok()
    };
    let word = |name: &str| value.get(name).and_then(Value::as_str).map(storable);
    let because = word("disconnection_reason");
    Some(CallEvent {
        call: call(value)?,
        what,
        began_at: at("start_timestamp"),
        ended_at: at("end_timestamp"),
        is_faulty: word("call_status").as_deref() == Some("error")
            || because
                .as_deref()
                .is_some_and(|because| because.starts_with("error")),
        because,
        transcript: word("transcript").filter(|said| !said.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_clinic_is_at_the_other_end_of_who_calls() {
        let (patient, clinic) = ("+6281255500777", "+62215550101");
        for (direction, from, to) in [("inbound", patient, clinic), ("outbound", clinic, patient)] {
            let call = call(&json!({
                "call_id": "c1", "direction": direction, "from_number": from, "to_number": to,
            }));
            let call = call.unwrap();
            assert_eq!(call.number.as_ref().map(Phone::as_str), Some(patient));
            assert_eq!(call.line, clinic);
        }
    }

    #[test]
    fn a_number_that_is_none_is_hidden() {
        for from in [
            json!("anonymous"),
            json!("0812"),
            json!("+1"),
            json!(5),
            json!(null),
        ] {
            let call = call(&json!({ "call_id": "c1", "from_number": from })).unwrap();
            assert_eq!(call.number, None, "{from}");
            assert_eq!(call.line, "");
        }
        for call_id in [
            json!(""),
            json!("a b"),
            json!("x".repeat(201)),
            json!(7),
            json!(null),
        ] {
            assert!(call(&json!({ "call_id": call_id })).is_none());
        }
    }

    #[test]
    fn a_model_writes_numbers_and_words_for_yes_as_it_likes() {
        let args = json!({ "code": 271_828, "new_code": "Yes", "slot": "1-1-1-1795489200" });
        let Some(Tool::Cancel { proof, .. }) = tool("cancel_appointment", args.as_object().unwrap()) else {
            panic!("no tool");
        };
        assert_eq!(proof.code, "271828");
        assert!(proof.again);
        assert!(tool("drop_tables", &Map::new()).is_none());
        for name in Tool::NAMES {
            assert_eq!(tool(name, &Map::new()).unwrap().name(), name);
        }
    }
}
