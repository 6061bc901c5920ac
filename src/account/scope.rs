//! Scopes and tokens, as the description of the API shows them.

use engine::account::{scope::Scope, token::named::Named};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// The schema of [`Scope`], which the engine keeps free of the API.
pub struct ScopeSchema;

impl PartialSchema for ScopeSchema {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A scope of a token: a part of what its owner may do."))
            .enum_values(Some(Scope::ALL.map(Scope::name)))
            .into()
    }
}

impl ToSchema for ScopeSchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "Scope".into()
    }
}

/// A token, as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = AToken)]
pub struct TokenData {
    #[schema(example = 1)]
    id: i64,
    /// Null for a token from signing in.
    #[schema(example = "Calendar on the wall")]
    name: Option<String>,
    /// Null for a token that may do whatever its owner may.
    #[schema(value_type = Option<Vec<ScopeSchema>>)]
    scopes: Option<Vec<Scope>>,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The last use, to within some minutes; null if never used.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<Named> for TokenData {
    fn from(token: Named) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            made_at: token.made_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}
