use leptos::prelude::*;
#[component] pub fn CheckPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn DetailsPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
