use leptos::prelude::*;
#[component] pub fn DoctorPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn StartPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
