//! What the appointments of a list would be moved to, all at once.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{base_of, title};
use crate::{
    appointment::page::patient_name,
    idempotency::page::KeyField,
    schedule::calls::forms::{MOST_AT_ONCE, MoveAll},
    server::AppState,
    ui::{Hidden, Page, icon, isolate, path_parameter, texts},
};
use engine::{
    account::Caller,
    appointment,
    availability::{For, page as times_page},
    error::AppError,
    schedule::{self, Call},
    time::{self, Range},
};
use jiff::Timestamp;

/// A move that is proposed: the appointment, and the first time of its doctor that nobody has yet.
struct Proposal<'a> {
    call: &'a Call,
    to: Option<Timestamp>,
}

pub(super) async fn move_page(caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let id: i64 = path_parameter("list")?;
    let now = state.now();
    let (list, calls) = schedule::call_list(&state.database, &caller, id, now).await?;
    let here = format!("{}/calls/{id}", base_of(caller.role()));
    let proposals = propose(&state, &caller, &calls).await?;
    let found = proposals.iter().filter(|proposal| proposal.to.is_some()).count();
    let rows = proposals
        .iter()
        .enumerate()
        .map(|(index, proposal)| {
            let item = &proposal.call.affected.item;
            let from = time::moment(item.starts_at, &item.zone, texts);
            let to = match proposal.to {
                Some(to) => time::moment(to, &item.zone, texts),
                None => texts.text("calls-no-time"),
            };
            let hidden = proposal.to.map(|to| {
                let value = format!("{} {} {}", item.reference, item.version, to.as_second());
                view! { <input type="hidden" name=format!("moves[{index}]") value=value /> }
            });
            view! {
                <li class="row">
                    <div>
                        <h2>{isolate(patient_name(item, texts))}</h2>
                        <p>{isolate(item.doctor(texts))} ": " {from} " → " <b>{to}</b></p>
                    </div>
                    {hidden}
                </li>
            }
        })
        .collect_view();
    let count = i64::try_from(found).unwrap_or(i64::MAX);
    let button = (found > 0).then(|| {
        view! {
            <div class="actions">
                <button class="btn primary big">{texts.with("calls-move-do", &[("count", count.into())])}</button>
            </div>
        }
    });
    Ok(Page::new(
        texts.text("calls-move-title"),
        view! {
            <div class="stack">
                <a class="back" href=here>{icon("arrow-left")}{isolate(title(&list, texts))}</a>
                <div class="page-head">
                    <div><h1>{texts.text("calls-move-title")}</h1><p>{texts.text("calls-move-text")}</p></div>
                </div>
            </div>
            <form method="post" action=MoveAll::url() class="stack">
                <KeyField />
                <Hidden name="list" value=id.to_string() />
                <ol class="rows">{rows}</ol>
                {button}
            </form>
        },
    ))
}

/// Finds for each appointment that can be moved and is still booked at the time at which it was hit the first free time of its doctor, no two at the same time.
async fn propose<'a>(
    state: &AppState,
    caller: &Caller,
    calls: &'a [Call],
) -> Result<Vec<Proposal<'a>>, AppError> {
    let now = state.now();
    let mut given: Vec<(i64, Range)> = Vec::new();
    let mut proposals = Vec::new();
    for call in calls
        .iter()
        // Seats have the time of their session.
        .filter(|call| call.is_in_harm(now) && call.affected.item.group.is_none())
        .take(MOST_AT_ONCE)
    {
        let item = &call.affected.item;
        let reference = item.reference.clone().into();
        let appointment = appointment::look_up(&state.database, caller.clone(), reference).await?;
        let purpose = For::Moving {
            appointment: Box::new(appointment),
            by: caller.role(),
            visitor: None,
        };
        let ids = (item.doctor_id, item.clinic_id, item.service_id);
        let times = times_page(&state.database, ids.0, ids.1, ids.2, None, purpose, now).await;
        let times = match times {
            Ok(times) => times,
            // Nobody offers it there any more.
            Err(AppError::NotFound) => {
                proposals.push(Proposal { call, to: None });
                continue;
            }
            Err(error) => return Err(error),
        };
        let rules = &times.offering.rules;
        let free = times
            .days
            .iter()
            .flat_map(|day| &day.slots)
            .filter(|slot| slot.free && slot.starts_at != item.starts_at)
            .map(|slot| slot.starts_at)
            .find(|at| {
                let blocked = rules.blocked(*at);
                !given
                    .iter()
                    .any(|(doctor_id, taken)| *doctor_id == item.doctor_id && taken.overlaps(blocked))
            });
        if let Some(at) = free {
            given.push((item.doctor_id, rules.blocked(at)));
        }
        proposals.push(Proposal { call, to: free });
    }
    Ok(proposals)
}
