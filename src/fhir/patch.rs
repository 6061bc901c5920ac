//! JSON Patch (RFC 6902), as far as changes of an appointment need it: `test`, `add`, `replace` and `remove`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step of a patch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    op: Op,
    path: String,
    #[serde(default)]
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Test,
    Add,
    Replace,
    Remove,
}

/// Why a patch was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPatched {
    /// There is nothing at this path.
    Path,
    /// What is there is not what was expected.
    Test,
}

/// Applies all steps, or none.
///
/// # Errors
/// A step that cannot be done, or an expectation that is not met.
pub fn apply(mut document: Value, steps: &[Step]) -> Result<Value, NotPatched> {
    for step in steps {
        take(&mut document, step)?;
    }
    Ok(document)
}

fn take(document: &mut Value, step: &Step) -> Result<(), NotPatched> {
    if step.op == Op::Test {
        let there = document.pointer(&step.path).ok_or(NotPatched::Path)?;
        return match *there == step.value {
            true => Ok(()),
            false => Err(NotPatched::Test),
        };
    }
    if step.op == Op::Replace {
        *document.pointer_mut(&step.path).ok_or(NotPatched::Path)? = step.value.clone();
        return Ok(());
    }
    let (parent, name) = step.path.rsplit_once('/').ok_or(NotPatched::Path)?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let parent = document.pointer_mut(parent).ok_or(NotPatched::Path)?;
    match (step.op, parent) {
        (Op::Add, Value::Object(members)) => {
            members.insert(name, step.value.clone());
        }
        (Op::Remove, Value::Object(members)) => {
            members.remove(&name).ok_or(NotPatched::Path)?;
        }
        (Op::Add, Value::Array(items)) if name == "-" => items.push(step.value.clone()),
        (op, Value::Array(items)) => {
            let place: usize = name.parse().map_err(|_| NotPatched::Path)?;
            match op {
                Op::Add if place <= items.len() => items.insert(place, step.value.clone()),
                Op::Remove if place < items.len() => {
                    items.remove(place);
                }
                _ => return Err(NotPatched::Path),
            }
        }
        _ => return Err(NotPatched::Path),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(steps: Value) -> Result<Value, NotPatched> {
        let document = json!({ "status": "booked", "slot": [{ "reference": "Slot/1" }] });
        apply(document, &serde_json::from_value::<Vec<Step>>(steps).unwrap())
    }

    #[test]
    fn steps_are_taken_in_order() {
        let patch = json!([
            { "op": "test", "path": "/status", "value": "booked" },
            { "op": "replace", "path": "/status", "value": "cancelled" },
            { "op": "add", "path": "/cancelationReason", "value": { "text": "No time" } },
            { "op": "remove", "path": "/slot/0" },
        ]);
        assert_eq!(
            patched(patch),
            Ok(json!({ "status": "cancelled", "slot": [], "cancelationReason": { "text": "No time" } }))
        );
        let patch = json!([{ "op": "add", "path": "/slot/-", "value": 2 }]);
        assert_eq!(patched(patch).unwrap()["slot"][1], 2);
    }

    #[test]
    fn what_is_not_there_is_not_patched() {
        for (step, expected) in [
            (
                json!({ "op": "test", "path": "/status", "value": "pending" }),
                NotPatched::Test,
            ),
            (
                json!({ "op": "test", "path": "/end", "value": null }),
                NotPatched::Path,
            ),
            (
                json!({ "op": "replace", "path": "/end", "value": 1 }),
                NotPatched::Path,
            ),
            (json!({ "op": "remove", "path": "/slot/1" }), NotPatched::Path),
            (
                json!({ "op": "add", "path": "/slot/x", "value": 1 }),
                NotPatched::Path,
            ),
            (
                json!({ "op": "add", "path": "status", "value": 1 }),
                NotPatched::Path,
            ),
        ] {
            assert_eq!(patched(json!([step])), Err(expected), "{step}");
        }
    }
}
