//! Calls of a phone agent: each step has one effect and one answer, and nobody hears what is not theirs.

mod book;
mod callback;
mod code;
mod desk;
mod race;
mod tidy;

use engine::{
    account::{Country, Limits, Phone},
    booking::Wanted,
    i18n::Locale,
    phone_call::{self, Answer, Ask, BookTime, Call, Proof, Rules, Said, Tool, set_line},
};

use crate::support::{RULES, TestApp, VISIT};

/// The number of the clinic.
pub const LINE: &str = "+62215550101";
/// The number of who calls.
pub const CALLER: &str = "+6281255500777";

/// A clinic whose number a phone agent answers.
pub async fn clinic() -> TestApp {
    let app = TestApp::crowded().await;
    let number = (LINE, Country::default());
    set_line(&app.database, &app.admin_caller(), number, app.clinic, Locale::En)
        .await
        .unwrap();
    app
}

pub fn rules() -> Rules {
    Rules {
        booking: RULES,
        limits: Limits::default(),
        country: Country::default(),
        code_countries: None,
        calls_per_number: 0,
        transcript_days: 0,
    }
}

pub fn phone(number: &str) -> Phone {
    Phone::parse(number, Country::default()).unwrap()
}

/// A call of this name, from the number of the caller to that of the clinic.
pub fn call(call_id: &str) -> Call {
    Call {
        call_id: call_id.to_owned(),
        number: Some(phone(CALLER)),
        line: LINE.to_owned(),
    }
}

/// A call of this name whose number is hidden.
pub fn hidden(call_id: &str) -> Call {
    Call {
        number: None,
        ..call(call_id)
    }
}

pub fn ask(call: Call, tool: Tool) -> Ask {
    Ask {
        call,
        tool,
        language: None,
        rules: rules(),
    }
}

pub async fn asked(app: &TestApp, call: Call, tool: Tool) -> Said {
    phone_call::answer(&app.database, ask(call, tool), app.now).await
}

/// What the agent is told.
pub async fn answer(app: &TestApp, call: Call, tool: Tool) -> Answer {
    asked(app, call, tool).await.answer
}

/// A booking of a visit at this time for somebody of this name.
pub fn book(wanted: Wanted, name: &str) -> BookTime {
    BookTime {
        time: Some(wanted),
        name: name.to_owned(),
        reason: "A cough".to_owned(),
        is_new_person: false,
        confirm_second: false,
        proof: Proof::default(),
    }
}

/// The visit of this half hour with the first doctor.
pub fn visit(app: &TestApp, slot: i64) -> Wanted {
    app.wanted(0, VISIT, app.slot(slot))
}

pub fn said(code: &str) -> Proof {
    Proof {
        code: code.to_owned(),
        ..Proof::default()
    }
}

/// Says the code that was sent to the caller in this call.
pub async fn prove(app: &TestApp, call_id: &str) {
    let mine = |proof| Tool::MyAppointments { proof };
    assert_eq!(
        answer(app, call(call_id), mine(Proof::default())).await,
        Answer::CodeSent
    );
    let code = app.newest_code(CALLER).await;
    let heard = answer(app, call(call_id), mine(said(&code))).await;
    assert!(matches!(heard, Answer::Appointments { .. }), "{heard:?}");
}

/// Cancels an appointment of the caller: the one with this reference, or the only one.
pub fn cancel(appointment: &str) -> Tool {
    Tool::Cancel {
        appointment: appointment.to_owned(),
        proof: Proof::default(),
    }
}

/// Moves the only appointment of the caller.
pub fn move_to(time: Wanted) -> Tool {
    Tool::Move {
        appointment: String::new(),
        time: Some(time),
        proof: Proof::default(),
    }
}

pub const APPOINTMENTS: &str = "select count(*) from appointments where status in ('pending', 'confirmed')";
pub const PATIENTS: &str = "select count(*) from patients";
