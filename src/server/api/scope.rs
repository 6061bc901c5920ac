//! The scope that each call of the API needs, read from the `security` of its description.

use std::collections::HashMap;

use axum::http::Method;
use engine::account::scope::{Needs, Scope};
use utoipa::openapi::{
    OpenApi,
    path::{Operation, PathItem},
    security::SecurityRequirement,
};

/// The name of the security scheme that a handler states: `security(("token" = ["book"]))`.
pub const TOKEN: &str = "token";

/// The statement of a call that every token may make, whatever its scopes.
const ANY: &str = "any";

/// The scope of every call, by its method and route.
#[derive(Debug, Default)]
pub struct Scopes(HashMap<(Method, String), Needs>);

impl Scopes {
    /// Reads the scopes of all calls from what their handlers state.
    pub fn of(description: &OpenApi) -> Self {
        let scopes = description.paths.paths.iter().flat_map(|(route, item)| {
            operations(item).map(|(method, operation)| ((method, route.clone()), stated(operation)))
        });
        Self(scopes.collect())
    }

    /// The scopes of calls that no description has, by method and route.
    pub fn stated_by(calls: impl IntoIterator<Item = (Method, String, Needs)>) -> Self {
        let calls = calls.into_iter();
        Self(
            calls
                .map(|(method, route, needs)| ((method, route), needs))
                .collect(),
        )
    }

    /// The scope of the call with this route, as it is written down: `/api/v1/appointments/{id}`. A call that states
    /// none needs [`Needs::Everything`]. `HEAD` is answered by the handler of `GET`.
    pub fn needs(&self, method: &Method, route: &str) -> Needs {
        let method = match *method {
            Method::HEAD => &Method::GET,
            _ => method,
        };
        self.0
            .get(&(method.clone(), route.to_owned()))
            .copied()
            .unwrap_or(Needs::Everything)
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// The scope that the handler of this operation states. An empty statement, one of several scopes and one that is
/// misspelt are [`Needs::Everything`].
pub fn stated(operation: &Operation) -> Needs {
    let stated: Vec<String> = operation
        .security
        .iter()
        .flatten()
        .filter_map(scopes_of)
        .flatten()
        .collect();
    match stated.as_slice() {
        [one] if one == ANY => Needs::Token,
        [one] if Some(one.as_str()) == Needs::SignIn.name() => Needs::SignIn,
        [one] => Scope::parse(one).map_or(Needs::Everything, Needs::Scope),
        _ => Needs::Everything,
    }
}

/// The scopes of a token that a requirement has; utoipa shows them to nobody but its serializer.
fn scopes_of(requirement: &SecurityRequirement) -> Option<Vec<String>> {
    let requirement = serde_json::to_value(requirement).ok()?;
    serde_json::from_value(requirement.get(TOKEN)?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::{
        PathsBuilder,
        path::{HttpMethod, OperationBuilder},
    };

    use super::*;

    fn operation(security: &[(&str, &[&str])]) -> Operation {
        let requirements = security.iter().map(|(name, scopes)| match *name {
            "" => SecurityRequirement::default(),
            name => SecurityRequirement::new(name, scopes.iter().copied()),
        });
        OperationBuilder::new()
            .securities((!security.is_empty()).then(|| requirements.collect::<Vec<_>>()))
            .build()
    }

    #[test]
    fn a_handler_states_the_scope_of_its_call() {
        for (security, expected) in [
            (
                &[("token", &["any"] as &[&str])] as &[(&str, &[&str])],
                Needs::Token,
            ),
            (&[("token", &["sign-in"])], Needs::SignIn),
            (&[("token", &["book"])], Needs::Scope(Scope::Book)),
            (&[("", &[]), ("token", &["read"])], Needs::Scope(Scope::Read)),
        ] {
            assert_eq!(stated(&operation(security)), expected, "{security:?}");
        }
    }

    #[test]
    fn a_call_without_a_statement_needs_everything() {
        for security in [
            &[] as &[(&str, &[&str])],
            &[("", &[])],
            &[("token", &[])],
            &[("token", &["everything"])],
            &[("token", &["bok"])],
            &[("token", &["read", "book"])],
            &[("tokens", &["read"])],
        ] {
            assert_eq!(stated(&operation(security)), Needs::Everything, "{security:?}");
        }
        let nothing = Scopes::default();
        assert_eq!(nothing.needs(&Method::GET, "/api/v1/me"), Needs::Everything);
    }

    #[test]
    fn a_scope_belongs_to_a_method_and_a_route() {
        let item = PathItem::new(HttpMethod::Get, operation(&[("token", &["read"])]));
        let paths = PathsBuilder::new().path("/api/v1/holds/{id}", item).build();
        let mut description = OpenApi::default();
        description.paths = paths;
        let scopes = Scopes::of(&description);
        let route = "/api/v1/holds/{id}";
        assert_eq!(scopes.needs(&Method::GET, route), Needs::Scope(Scope::Read));
        assert_eq!(scopes.needs(&Method::HEAD, route), Needs::Scope(Scope::Read));
        assert_eq!(scopes.needs(&Method::POST, route), Needs::Everything);
        assert_eq!(scopes.needs(&Method::GET, "/api/v1/holds"), Needs::Everything);
        assert_eq!(scopes.needs(&Method::GET, ""), Needs::Everything);
    }
}
