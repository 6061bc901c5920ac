//! The route table: every page in one place.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    account::page::{CodePage, SignInPage, StaffSignInPage, TokensPage},
    appointment::page::{
        AdminAppointmentPage, AdminDoctorsPage, BoardPage, CancelPage, DoctorAppointmentPage, DonePage,
        MinePage, OnePage, ReschedulePage, TodayPage,
    },
    availability::page::{AnyDoctorPage, DoctorPage, StartPage},
    booking::page::{CheckPage, DetailsPage},
    desk::page::{AdminBookPage, AdminWalkInPage, DoctorBookPage, DoctorWalkInPage},
    ical::page::CalendarPage,
    monitoring::page::{IntegrityPage, LocksPage},
    notification::page::MessagesPage,
    organisation::page::{
        AdminDoctorPage, ClinicPage, ClinicsPage, ImportPage, NewClinicPage, NewDoctorPage, NewServicePage,
        ServicePage, ServicesPage,
    },
    prescription::page::{DoctorPrescriptionPage, PatientHistoryPage, PrescribePage, PrescriptionPage},
    schedule::page::{AdminBlockPage, AdminPlanPage, ClosuresPage, DoctorBlockPage, DoctorPlanPage},
    ui,
};
use engine::error::AppError;

/// The application. Every page waits for what it shows: without JavaScript there is nothing that
/// could fill it in later, and statuses and redirects come with it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("") view=StartPage ssr=SsrMode::Async />
                <Route path=path!("doctors/:doctor") view=DoctorPage ssr=SsrMode::Async />
                <Route path=path!("services/:service") view=AnyDoctorPage ssr=SsrMode::Async />
                <Route path=path!("book/:reference") view=DetailsPage ssr=SsrMode::Async />
                <Route path=path!("book/:reference/check") view=CheckPage ssr=SsrMode::Async />
                <Route path=path!("appointments") view=MinePage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference") view=OnePage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/done") view=DonePage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/prescription") view=PrescriptionPage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/cancel") view=CancelPage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/reschedule") view=ReschedulePage ssr=SsrMode::Async />
                <Route path=path!("calendar") view=CalendarPage ssr=SsrMode::Async />
                <Route path=path!("sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("sign-in/code") view=CodePage ssr=SsrMode::Async />
                <Route path=path!("staff/sign-in") view=StaffSignInPage ssr=SsrMode::Async />
                <Route path=path!("tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=path!("doctor") view=TodayPage ssr=SsrMode::Async />
                <Route path=path!("doctor/book") view=DoctorBookPage ssr=SsrMode::Async />
                <Route path=path!("doctor/walk-in") view=DoctorWalkInPage ssr=SsrMode::Async />
                <Route path=path!("doctor/block") view=DoctorBlockPage ssr=SsrMode::Async />
                <Route path=path!("doctor/plan") view=DoctorPlanPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference") view=DoctorAppointmentPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/prescribe") view=PrescribePage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/prescription") view=DoctorPrescriptionPage ssr=SsrMode::Async />
                <Route path=path!("doctor/patients/:patient") view=PatientHistoryPage ssr=SsrMode::Async />
                <Route path=path!("admin") view=BoardPage ssr=SsrMode::Async />
                <Route path=path!("admin/book") view=AdminBookPage ssr=SsrMode::Async />
                <Route path=path!("admin/walk-in") view=AdminWalkInPage ssr=SsrMode::Async />
                <Route path=path!("admin/block") view=AdminBlockPage ssr=SsrMode::Async />
                <Route path=path!("admin/appointments/:reference") view=AdminAppointmentPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors") view=AdminDoctorsPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors/new") view=NewDoctorPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors/:doctor") view=AdminDoctorPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors/:doctor/plan") view=AdminPlanPage ssr=SsrMode::Async />
                <Route path=path!("admin/import") view=ImportPage ssr=SsrMode::Async />
                <Route path=path!("admin/closures") view=ClosuresPage ssr=SsrMode::Async />
                <Route path=path!("admin/services") view=ServicesPage ssr=SsrMode::Async />
                <Route path=path!("admin/services/new") view=NewServicePage ssr=SsrMode::Async />
                <Route path=path!("admin/services/:service") view=ServicePage ssr=SsrMode::Async />
                <Route path=path!("admin/clinics") view=ClinicsPage ssr=SsrMode::Async />
                <Route path=path!("admin/clinics/new") view=NewClinicPage ssr=SsrMode::Async />
                <Route path=path!("admin/clinics/:clinic") view=ClinicPage ssr=SsrMode::Async />
                <Route path=path!("admin/locks") view=LocksPage ssr=SsrMode::Async />
                <Route path=path!("admin/integrity") view=IntegrityPage ssr=SsrMode::Async />
                <Route path=path!("demo/messages") view=MessagesPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

#[component]
fn NotFoundPage() -> impl IntoView {
    ui::page(async { Err(AppError::NotFound) })
}
