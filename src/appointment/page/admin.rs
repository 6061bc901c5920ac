use leptos::prelude::*;
#[component] pub fn AdminAppointmentPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn AdminDoctorsPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn BoardPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
