use leptos::prelude::*;
#[component] pub fn DoctorAppointmentPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
#[component] pub fn TodayPage() -> impl IntoView { crate::ui::page(async { Err(crate::error::AppError::NotFound) }) }
