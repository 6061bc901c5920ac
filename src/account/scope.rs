//! What a token is good for (I5). Which scope a call needs is said here and nowhere else: whoever calls is let in by it, and
//! the description of the API shows it.

use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role;

/// A part of what its owner may do, for which a token can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To see whatever can be seen.
    Read,
    /// Appointments and what leads to them: holds, visits, walk-ins, patients; and ratings.
    Book,
    /// Prescriptions.
    Treat,
    /// When doctors can be booked.
    Plan,
    /// Services, clinics, doctors and what they offer.
    Organise,
}

impl Scope {
    pub const ALL: [Self; 5] = [Self::Read, Self::Book, Self::Treat, Self::Plan, Self::Organise];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Book => "book",
            Self::Treat => "treat",
            Self::Plan => "plan",
            Self::Organise => "organise",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Those that are of use to somebody in this role.
    pub fn of_role(role: Role) -> &'static [Self] {
        match role {
            Role::Patient => &[Self::Read, Self::Book],
            Role::Doctor => &[Self::Read, Self::Book, Self::Treat, Self::Plan],
            Role::Admin => &[Self::Read, Self::Book, Self::Plan, Self::Organise],
            Role::Visitor | Role::System => &[],
        }
    }
}

/// What a token must be good for to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: every token may.
    Token,
    Scope(Scope),
    /// Whatever its owner may do.
    Everything,
    /// To be none that was made for a program: what opens a door that outlasts it.
    SignIn,
}

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

impl Needs {
    /// What this call needs, by its route as it is written down: `/api/v1/appointments/{id}`.
    pub fn of(method: &Method, route: &str) -> Self {
        let Some(route) = route.strip_prefix(ROOT) else {
            return Self::Everything;
        };
        if matches!(*method, Method::GET | Method::HEAD) {
            return match route {
                // Every token may be asked what it is good for.
                "me" => Self::Token,
                _ => Self::Scope(Scope::Read),
            };
        }
        WRITES
            .iter()
            .find(|(pattern, _)| fits(pattern, route))
            .map_or(Self::Everything, |(_, needs)| *needs)
    }

    /// As the description of the API and an error say it.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Token => None,
            Self::Scope(scope) => Some(scope.name()),
            Self::Everything => Some("everything"),
            Self::SignIn => Some("sign-in"),
        }
    }
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

/// How far a token reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It was given for a code or a password.
    SignIn,
    /// It was made for a program: for these, or for whatever its owner may do.
    Program(Option<Vec<Scope>>),
}

impl Reach {
    pub fn meets(&self, needs: Needs) -> bool {
        match (self, needs) {
            (Self::SignIn, _) | (_, Needs::Token) => true,
            (_, Needs::SignIn) => false,
            (Self::Program(None), Needs::Scope(_) | Needs::Everything) => true,
            (Self::Program(Some(_)), Needs::Everything) => false,
            (Self::Program(Some(scopes)), Needs::Scope(scope)) => scopes.contains(&scope),
        }
    }
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
            assert_eq!(
                Needs::of(&method, &format!("/api/v1/{route}")),
                expected,
                "{call}"
            );
        }
        assert_eq!(Needs::of(&Method::GET, "/healthz"), Everything);
        assert_eq!(Needs::of(&Method::GET, ""), Everything);
    }

    #[test]
    fn a_token_reaches_as_far_as_its_scopes() {
        let book = Reach::Program(Some(vec![Scope::Book]));
        let whole = Reach::Program(None);
        for (needs, by_book, by_whole) in [
            (Needs::Token, true, true),
            (Needs::Scope(Scope::Book), true, true),
            (Needs::Scope(Scope::Read), false, true),
            (Needs::Everything, false, true),
            (Needs::SignIn, false, false),
        ] {
            assert!(Reach::SignIn.meets(needs), "{needs:?}");
            assert_eq!(book.meets(needs), by_book, "{needs:?}");
            assert_eq!(whole.meets(needs), by_whole, "{needs:?}");
        }
        let all = Reach::Program(Some(Scope::ALL.to_vec()));
        assert!(!all.meets(Needs::Everything) && !all.meets(Needs::SignIn));
    }

    #[test]
    fn a_scope_has_one_name() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.name()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
        assert_eq!(Scope::parse("everything"), None);
    }
}
