//! The scopes of tokens (I5). Each call of the API states the scope that it needs.

use serde::{Deserialize, Serialize};

use super::Role;

/// A scope of a token: a part of what its owner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Webhooks.
    Webhooks,
}

impl Scope {
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Book,
        Self::Treat,
        Self::Plan,
        Self::Organise,
        Self::Webhooks,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Book => "book",
            Self::Treat => "treat",
            Self::Plan => "plan",
            Self::Organise => "organise",
            Self::Webhooks => "webhooks",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Lists the scopes that are of use in this role.
    pub fn of_role(role: Role) -> &'static [Self] {
        match role {
            Role::Patient => &[Self::Read, Self::Book],
            Role::Doctor => &[Self::Read, Self::Book, Self::Treat, Self::Plan, Self::Webhooks],
            Role::Admin => &[Self::Read, Self::Book, Self::Plan, Self::Organise, Self::Webhooks],
            // To plan is to stop a day; the week of a doctor is refused by the role.
            Role::Reception => &[Self::Read, Self::Book, Self::Plan],
            Role::Visitor | Role::System => &[],
        }
    }
}

/// The requirement that a call makes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Any token.
    Token,
    Scope(Scope),
    /// A token without scopes, which may do whatever its owner may.
    Everything,
    /// Only a token from signing in: the call grants access that outlives the token.
    SignIn,
}

impl Needs {
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

/// The reach of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// From signing in with a code or a password.
    SignIn,
    /// For a program, with these scopes or with all that its owner may do.
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
