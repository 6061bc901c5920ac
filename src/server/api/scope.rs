//! Which scope each call of the API needs.

use axum::http::Method;
use engine::account::scope::{Needs, Scope};

/// What the calls need that do not only look, below `/api/v1/`: the first line that fits. A `*` is any one part that is
/// variable, `**` whatever follows. What stands nowhere needs [`Needs::Everything`].
const WRITES: [(&str, Needs); 22] = [
    ("auth/logout", Needs::Token),
    ("tokens/**", Needs::SignIn),
    ("calendar", Needs::SignIn),
    ("appointments/**", Needs::Scope(Scope::Book)),
    ("holds/**", Needs::Scope(Scope::Book)),
    ("visits/**", Needs::Scope(Scope::Book)),
    ("walk-ins/**", Needs::Scope(Scope::Book)),
    ("patients/**", Needs::Scope(Scope::Book)),
    ("ratings/**", Needs::Scope(Scope::Book)),
    ("prescriptions/**", Needs::Scope(Scope::Treat)),
    // It cancels, and writes to patients.
    ("doctors/*/schedule/cancel-day", Needs::Scope(Scope::Book)),
    ("doctors/*/schedule/**", Needs::Scope(Scope::Plan)),
    ("closures/**", Needs::Scope(Scope::Plan)),
    // They say how somebody signs in.
    ("doctors", Needs::SignIn),
    ("doctors/*", Needs::Scope(Scope::Organise)),
    ("doctors/*/offers", Needs::Scope(Scope::Organise)),
    ("doctors/*/profile", Needs::SignIn),
    ("doctors/*/activity", Needs::Scope(Scope::Organise)),
    // It only looks, if at everything.
    ("admin/integrity", Needs::Scope(Scope::Read)),
    ("services/**", Needs::Scope(Scope::Organise)),
    ("clinics/**", Needs::Scope(Scope::Organise)),
    ("import/**", Needs::SignIn),
];

/// Where the calls are.
const ROOT: &str = "/api/v1/";

/// What this call needs, by its route as it is written down: `/api/v1/appointments/{id}`.
pub fn needs(method: &Method, route: &str) -> Needs {
    let Some(route) = route.strip_prefix(ROOT) else {
        return Needs::Everything;
    };
    if matches!(*method, Method::GET | Method::HEAD) {
        return match route {
            // Every token may be asked what it is good for.
            "me" => Needs::Token,
            _ => Needs::Scope(Scope::Read),
        };
    }
    WRITES
        .iter()
        .find(|(pattern, _)| fits(pattern, route))
        .map_or(Needs::Everything, |(_, needs)| *needs)
}

fn fits(pattern: &str, route: &str) -> bool {
    let mut parts = route.split('/');
    for wanted in pattern.split('/') {
        let part = parts.next();
        let fits = match (wanted, part) {
            ("**", _) => return true,
            ("*", Some(part)) => part.starts_with('{'),
            (wanted, part) => part == Some(wanted),
        };
        if !fits {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_needs_is_known_from_its_method_and_route() {
        use Needs::{Everything, SignIn, Token};
        let scope = Needs::Scope;
        for (call, expected) in [
            ("GET appointments", scope(Scope::Read)),
            ("HEAD appointments", scope(Scope::Read)),
            ("GET admin/locks", scope(Scope::Read)),
            ("GET tokens", scope(Scope::Read)),
            ("GET whatever/comes", scope(Scope::Read)),
            ("GET me", Token),
            ("POST auth/logout", Token),
            ("POST tokens", SignIn),
            ("DELETE tokens/{id}", SignIn),
            ("POST calendar", SignIn),
            ("POST appointments", scope(Scope::Book)),
            ("POST appointments/{id}/status", scope(Scope::Book)),
            ("POST holds", scope(Scope::Book)),
            ("DELETE holds/{reference}", scope(Scope::Book)),
            ("POST visits/{id}/cancel", scope(Scope::Book)),
            ("POST walk-ins", scope(Scope::Book)),
            ("PUT patients/{id}", scope(Scope::Book)),
            ("POST ratings", scope(Scope::Book)),
            ("POST prescriptions", scope(Scope::Treat)),
            ("PUT doctors/{id}/schedule/week", scope(Scope::Plan)),
            ("POST doctors/{id}/schedule/cancel-day", scope(Scope::Book)),
            ("POST doctors/{doctor_id}/schedule", scope(Scope::Plan)),
            ("DELETE closures/{id}", scope(Scope::Plan)),
            ("POST doctors", SignIn),
            ("PUT doctors/{id}/profile", SignIn),
            ("PUT doctors/{id}", scope(Scope::Organise)),
            ("PUT doctors/{id}/offers", scope(Scope::Organise)),
            ("PUT services/{id}", scope(Scope::Organise)),
            ("POST clinics", scope(Scope::Organise)),
            ("POST import/doctors", SignIn),
            // What nobody has thought of.
            ("POST admin/integrity", scope(Scope::Read)),
            ("POST appointment", Everything),
            ("POST doctors/{id}/whatever", Everything),
            ("POST doctors/import", Everything),
            ("POST tokensandmore", Everything),
            ("PATCH whatever/comes", Everything),
            ("POST ", Everything),
        ] {
            let (method, route) = call.split_once(' ').unwrap();
            let method: Method = method.parse().unwrap();
            assert_eq!(needs(&method, &format!("/api/v1/{route}")), expected, "{call}");
        }
        assert_eq!(needs(&Method::GET, "/healthz"), Everything);
        assert_eq!(needs(&Method::GET, ""), Everything);
    }
}
