use leptos::prelude::*;
#[component] pub fn CancelPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn DonePage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn MinePage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn OnePage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn ReschedulePage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
