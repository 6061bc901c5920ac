//! The document, and the route table: every page in one place.

use http::{HeaderValue, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    account::{
        factor::page::{AppPage, CodesPage, ConfirmPage, FactorPage, FactorsPage},
        own::page::AccountPage,
        page::{CodePage, FindPage, PhonesPage, SignInPage, StaffSignInPage, TokensPage},
        password::page::{ChoosePage, ForgottenPage},
        patient::page::NewPhonePage,
        staff::page::StaffPage,
    },
    appointment::page::{
        AdminAppointmentPage, AdminDoctorsPage, AdminReschedulePage, BoardPage, CancelPage,
        DoctorAppointmentPage, DoctorReschedulePage, DonePage, MinePage, OnePage, OverduePage,
        ReschedulePage, TodayPage,
    },
    audit::page::SecurityPage,
    availability::page::{AnyDoctorPage, DoctorPage, StartPage},
    booking::page::{CheckPage, DetailsPage},
    calcom::page::CalComPage,
    caldav::page::DoctorCalendarsPage,
    consultation::page::{ConsultationPage, DoctorConsultationPage, DoctorVideoPage, VideoPage},
    course::page::{AdminCoursePage, CoursePage, DoctorCoursePage},
    desk::merge::page::MergePage,
    desk::page::{
        AdminBookPage, AdminPatientPage, AdminWalkInPage, DayPage, DoctorBookPage, DoctorWalkInPage,
        FoundPage, OwnWeekPage, WeekPage,
    },
    group::page::{
        AdminGroupPage, AdminGroupsPage, AdminNewGroupPage, DoctorGroupPage, DoctorGroupsPage,
        DoctorNewGroupPage, GroupPage, GroupsPage,
    },
    ical::page::CalendarPage,
    installation::page::BackupsPage,
    monitoring::page::{IntegrityPage, LocksPage},
    notification::page::{
        AdminMessagesPage, ContactPage, EmailPage, LinkMovePage, LinkPage, MessageTextPage, MessageTextsPage,
        MessagesPage, UnsubscribePage,
    },
    organisation::page::{
        AdminDoctorPage, ClinicPage, ClinicsPage, ImportPage, ImprintPage, NewClinicPage, NewDoctorPage,
        NewServicePage, OrganisationPage, PrivacyPage, ServicePage, ServicesPage, SpecialitiesPage,
    },
    payment::{
        admin::page::{AdminPaymentsPage, PaidBackPage},
        page::{AdminReceiptPage, PaymentPage, ReceiptPage, TakingsPage},
    },
    phone_call::page::{DemoCallPage, PhoneCallsPage, PhoneLinesPage},
    prescription::page::{
        DoctorPrescriptionPage, NewTemplatePage, PatientHistoryPage, PrescribePage, PrescriptionPage,
        TemplatePage, TemplatesPage,
    },
    privacy::page::{ErasedPage, GlassPage, OwnDataPage, PatientDataPage, PrivacyAdminPage},
    report::page::{AdminReportPage, DoctorReportPage},
    schedule::page::{
        AdminBlockPage, AdminPlanPage, CallListsPage, CallsPage, ClosuresPage, DoctorBlockPage,
        DoctorCallListsPage, DoctorCallsPage, DoctorMoveCallsPage, DoctorPlanPage, MoveCallsPage, PlansPage,
        StopPage,
    },
    server::{AppState, policy, site},
    stay::page::{
        AdminChangeStayPage, AdminRoomPage, AdminRoomsPage, AdminStayPage, ChangeStayPage, LinkedStayPage,
        NewRoomTypePage, RoomPage, RoomTypePage, RoomTypesPage, RoomsPage, StayPage, StaysPage,
    },
    ui::{self, texts},
    waitlist::page::{
        AdminJoinPage, AdminPassedOverPage, AdminWaitlistPage, DoctorJoinPage, DoctorPassedOverPage,
        DoctorWaitlistPage, JoinPage, OfferPage, WaitlistPage,
    },
    webhook::page::{AdminWebhookPage, AdminWebhooksPage, DoctorWebhookPage, DoctorWebhooksPage},
};
use engine::error::AppError;

/// The document around the application: what a browser needs before it shows anything.
pub fn shell(state: &AppState) -> impl IntoView + use<> {
    let options = (*state.leptos).clone();
    let locale = texts().locale();
    set_content_security_policy(state);
    view! {
        <!DOCTYPE html>
        <html lang=locale.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content=texts().text("start-intro") />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#fffdf9" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#211f1a" media="(prefers-color-scheme: dark)" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="preload" href="/fonts/atkinson-next-latin.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous" />
                <link rel="stylesheet" href=site::style_path() id="style" />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Sets the policy of a page (C11): it may load what this site serves and the one script that carries its nonce, and
/// nothing else. Browsers report what they kept from being loaded.
fn set_content_security_policy(state: &AppState) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let scripts = use_context::<Parts>().map_or_else(
        || "'self'".to_owned(),
        |parts| policy::scripts_below(&parts.headers, "/pkg/"),
    );
    let reports = policy::reports();
    // A form that goes to pay leads to the page of a provider.
    let sites: String = state
        .payments
        .sites()
        .into_iter()
        .map(|site| format!(" {site}"))
        .collect();
    let policy = format!(
        "default-src 'none'; script-src {scripts} 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'{sites}; base-uri 'none'; \
         frame-ancestors 'none'; {reports}"
    );
    if let Ok(endpoints) = HeaderValue::from_str(&policy::reporting_endpoints()) {
        response.insert_header(policy::REPORTING_ENDPOINTS, endpoints);
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

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
                <Route path=path!("appointments/:reference/consultation") view=ConsultationPage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/video") view=VideoPage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/cancel") view=CancelPage ssr=SsrMode::Async />
                <Route path=path!("appointments/:reference/reschedule") view=ReschedulePage ssr=SsrMode::Async />
                <Route path=path!("payments/:payment") view=PaymentPage ssr=SsrMode::Async />
                <Route path=path!("payments/:payment/receipt") view=ReceiptPage ssr=SsrMode::Async />
                <Route path=path!("waitlist") view=WaitlistPage ssr=SsrMode::Async />
                <Route path=path!("waitlist/join") view=JoinPage ssr=SsrMode::Async />
                <Route path=path!("course") view=CoursePage ssr=SsrMode::Async />
                <Route path=path!("rooms") view=RoomsPage ssr=SsrMode::Async />
                <Route path=path!("rooms/:type") view=RoomPage ssr=SsrMode::Async />
                <Route path=path!("stays/:reference") view=StayPage ssr=SsrMode::Async />
                <Route path=path!("stays/:reference/change") view=ChangeStayPage ssr=SsrMode::Async />
                <Route path=path!("groups") view=GroupsPage ssr=SsrMode::Async />
                <Route path=path!("groups/:group") view=GroupPage ssr=SsrMode::Async />
                <Route path=path!("contact") view=ContactPage ssr=SsrMode::Async />
                <Route path=path!("calendar") view=CalendarPage ssr=SsrMode::Async />
                <Route path=path!("find") view=FindPage ssr=SsrMode::Async />
                <Route path=path!("sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("sign-in/code") view=CodePage ssr=SsrMode::Async />
                <Route path=path!("staff/sign-in") view=StaffSignInPage ssr=SsrMode::Async />
                <Route path=path!("staff/forgotten") view=ForgottenPage ssr=SsrMode::Async />
                <Route path=path!("link") view=ChoosePage ssr=SsrMode::Async />
                <Route path=path!("staff/sign-in/factor") view=FactorPage ssr=SsrMode::Async />
                <Route path=path!("account/factors") view=FactorsPage ssr=SsrMode::Async />
                <Route path=path!("account/factors/app") view=AppPage ssr=SsrMode::Async />
                <Route path=path!("account/phone") view=NewPhonePage ssr=SsrMode::Async />
                <Route path=path!("account/codes") view=CodesPage ssr=SsrMode::Async />
                <Route path=path!("account/confirm") view=ConfirmPage ssr=SsrMode::Async />
                <Route path=path!("account/data") view=OwnDataPage ssr=SsrMode::Async />
                <Route path=path!("erased/:certificate") view=ErasedPage ssr=SsrMode::Async />
                <Route path=path!("account") view=AccountPage ssr=SsrMode::Async />
                <Route path=path!("tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=path!("doctor") view=TodayPage ssr=SsrMode::Async />
                <Route path=path!("doctor/week") view=OwnWeekPage ssr=SsrMode::Async />
                <Route path=path!("doctor/book") view=DoctorBookPage ssr=SsrMode::Async />
                <Route path=path!("doctor/walk-in") view=DoctorWalkInPage ssr=SsrMode::Async />
                <Route path=path!("doctor/course") view=DoctorCoursePage ssr=SsrMode::Async />
                <Route path=path!("doctor/block") view=DoctorBlockPage ssr=SsrMode::Async />
                <Route path=path!("doctor/groups") view=DoctorGroupsPage ssr=SsrMode::Async />
                <Route path=path!("doctor/groups/new") view=DoctorNewGroupPage ssr=SsrMode::Async />
                <Route path=path!("doctor/groups/:group") view=DoctorGroupPage ssr=SsrMode::Async />
                <Route path=path!("doctor/plan") view=DoctorPlanPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference") view=DoctorAppointmentPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/reschedule") view=DoctorReschedulePage ssr=SsrMode::Async />
                <Route path=path!("doctor/calls") view=DoctorCallListsPage ssr=SsrMode::Async />
                <Route path=path!("doctor/calls/:list") view=DoctorCallsPage ssr=SsrMode::Async />
                <Route path=path!("doctor/calls/:list/move") view=DoctorMoveCallsPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/prescribe") view=PrescribePage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/prescription") view=DoctorPrescriptionPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/consultation") view=DoctorConsultationPage ssr=SsrMode::Async />
                <Route path=path!("doctor/appointments/:reference/video") view=DoctorVideoPage ssr=SsrMode::Async />
                <Route path=path!("doctor/waitlist") view=DoctorWaitlistPage ssr=SsrMode::Async />
                <Route path=path!("doctor/waitlist/join") view=DoctorJoinPage ssr=SsrMode::Async />
                <Route path=path!("doctor/waitlist/offers/:offer") view=DoctorPassedOverPage ssr=SsrMode::Async />
                <Route path=path!("doctor/calendars/cal-com") view=CalComPage ssr=SsrMode::Async />
                <Route path=path!("doctor/calendars") view=DoctorCalendarsPage ssr=SsrMode::Async />
                <Route path=path!("doctor/report") view=DoctorReportPage ssr=SsrMode::Async />
                <Route path=path!("doctor/webhooks") view=DoctorWebhooksPage ssr=SsrMode::Async />
                <Route path=path!("doctor/webhooks/:webhook") view=DoctorWebhookPage ssr=SsrMode::Async />
                <Route path=path!("doctor/templates") view=TemplatesPage ssr=SsrMode::Async />
                <Route path=path!("doctor/templates/new") view=NewTemplatePage ssr=SsrMode::Async />
                <Route path=path!("doctor/templates/:template") view=TemplatePage ssr=SsrMode::Async />
                <Route path=path!("doctor/patients/:patient") view=PatientHistoryPage ssr=SsrMode::Async />
                <Route path=path!("staff/find") view=FoundPage ssr=SsrMode::Async />
                <Route path=path!("staff/glass") view=GlassPage ssr=SsrMode::Async />
                <Route path=path!("admin") view=BoardPage ssr=SsrMode::Async />
                <Route path=path!("admin/day") view=DayPage ssr=SsrMode::Async />
                <Route path=path!("admin/week") view=WeekPage ssr=SsrMode::Async />
                <Route path=path!("admin/book") view=AdminBookPage ssr=SsrMode::Async />
                <Route path=path!("admin/walk-in") view=AdminWalkInPage ssr=SsrMode::Async />
                <Route path=path!("admin/stop") view=StopPage ssr=SsrMode::Async />
                <Route path=path!("admin/plans") view=PlansPage ssr=SsrMode::Async />
                <Route path=path!("admin/course") view=AdminCoursePage ssr=SsrMode::Async />
                <Route path=path!("admin/block") view=AdminBlockPage ssr=SsrMode::Async />
                <Route path=path!("admin/appointments/:reference") view=AdminAppointmentPage ssr=SsrMode::Async />
                <Route path=path!("admin/appointments/:reference/reschedule") view=AdminReschedulePage ssr=SsrMode::Async />
                <Route path=path!("admin/calls") view=CallListsPage ssr=SsrMode::Async />
                <Route path=path!("admin/calls/:list") view=CallsPage ssr=SsrMode::Async />
                <Route path=path!("admin/calls/:list/move") view=MoveCallsPage ssr=SsrMode::Async />
                <Route path=path!("admin/phone-calls") view=PhoneCallsPage ssr=SsrMode::Async />
                <Route path=path!("admin/phone-lines") view=PhoneLinesPage ssr=SsrMode::Async />
                <Route path=path!("admin/takings") view=TakingsPage ssr=SsrMode::Async />
                <Route path=path!("admin/payments/:payment/receipt") view=AdminReceiptPage ssr=SsrMode::Async />
                <Route path=path!("admin/waitlist") view=AdminWaitlistPage ssr=SsrMode::Async />
                <Route path=path!("admin/waitlist/join") view=AdminJoinPage ssr=SsrMode::Async />
                <Route path=path!("admin/waitlist/offers/:offer") view=AdminPassedOverPage ssr=SsrMode::Async />
                <Route path=path!("admin/webhooks") view=AdminWebhooksPage ssr=SsrMode::Async />
                <Route path=path!("admin/webhooks/:webhook") view=AdminWebhookPage ssr=SsrMode::Async />
                <Route path=path!("admin/patients/:patient") view=AdminPatientPage ssr=SsrMode::Async />
                <Route path=path!("admin/patients/:patient/data") view=PatientDataPage ssr=SsrMode::Async />
                <Route path=path!("admin/patients/:patient/merge") view=MergePage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors") view=AdminDoctorsPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors/new") view=NewDoctorPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors/:doctor") view=AdminDoctorPage ssr=SsrMode::Async />
                <Route path=path!("admin/doctors/:doctor/plan") view=AdminPlanPage ssr=SsrMode::Async />
                <Route path=path!("admin/groups") view=AdminGroupsPage ssr=SsrMode::Async />
                <Route path=path!("admin/groups/new") view=AdminNewGroupPage ssr=SsrMode::Async />
                <Route path=path!("admin/groups/:group") view=AdminGroupPage ssr=SsrMode::Async />
                <Route path=path!("admin/import") view=ImportPage ssr=SsrMode::Async />
                <Route path=path!("admin/closures") view=ClosuresPage ssr=SsrMode::Async />
                <Route path=path!("admin/stays") view=StaysPage ssr=SsrMode::Async />
                <Route path=path!("admin/stays/:reference") view=AdminStayPage ssr=SsrMode::Async />
                <Route path=path!("admin/stays/:reference/change") view=AdminChangeStayPage ssr=SsrMode::Async />
                <Route path=path!("admin/rooms") view=AdminRoomsPage ssr=SsrMode::Async />
                <Route path=path!("admin/rooms/:type") view=AdminRoomPage ssr=SsrMode::Async />
                <Route path=path!("admin/room-types") view=RoomTypesPage ssr=SsrMode::Async />
                <Route path=path!("admin/room-types/new") view=NewRoomTypePage ssr=SsrMode::Async />
                <Route path=path!("admin/room-types/:type") view=RoomTypePage ssr=SsrMode::Async />
                <Route path=path!("admin/services") view=ServicesPage ssr=SsrMode::Async />
                <Route path=path!("admin/specialities") view=SpecialitiesPage ssr=SsrMode::Async />
                <Route path=path!("admin/services/new") view=NewServicePage ssr=SsrMode::Async />
                <Route path=path!("admin/services/:service") view=ServicePage ssr=SsrMode::Async />
                <Route path=path!("admin/clinics") view=ClinicsPage ssr=SsrMode::Async />
                <Route path=path!("admin/clinics/new") view=NewClinicPage ssr=SsrMode::Async />
                <Route path=path!("admin/clinics/:clinic") view=ClinicPage ssr=SsrMode::Async />
                <Route path=path!("admin/organisation") view=OrganisationPage ssr=SsrMode::Async />
                <Route path=path!("admin/staff") view=StaffPage ssr=SsrMode::Async />
                <Route path=path!("admin/phones") view=PhonesPage ssr=SsrMode::Async />
                <Route path=path!("admin/overdue") view=OverduePage ssr=SsrMode::Async />
                <Route path=path!("admin/locks") view=LocksPage ssr=SsrMode::Async />
                <Route path=path!("admin/backups") view=BackupsPage ssr=SsrMode::Async />
                <Route path=path!("admin/integrity") view=IntegrityPage ssr=SsrMode::Async />
                <Route path=path!("admin/privacy") view=PrivacyAdminPage ssr=SsrMode::Async />
                <Route path=path!("admin/security") view=SecurityPage ssr=SsrMode::Async />
                <Route path=path!("privacy") view=PrivacyPage ssr=SsrMode::Async />
                <Route path=path!("imprint") view=ImprintPage ssr=SsrMode::Async />
                <Route path=path!("admin/report") view=AdminReportPage ssr=SsrMode::Async />
                <Route path=path!("admin/payments") view=AdminPaymentsPage ssr=SsrMode::Async />
                <Route path=path!("admin/payments/refunds/:refund") view=PaidBackPage ssr=SsrMode::Async />
                <Route path=path!("admin/messages") view=AdminMessagesPage ssr=SsrMode::Async />
                <Route path=path!("admin/messages/texts") view=MessageTextsPage ssr=SsrMode::Async />
                <Route path=path!("admin/messages/texts/:text/:language") view=MessageTextPage ssr=SsrMode::Async />
                <Route path=path!("a/:secret") view=LinkPage ssr=SsrMode::Async />
                <Route path=path!("a/:secret/move") view=LinkMovePage ssr=SsrMode::Async />
                <Route path=path!("w/:secret") view=OfferPage ssr=SsrMode::Async />
                <Route path=path!("s/:secret") view=LinkedStayPage ssr=SsrMode::Async />
                <Route path=path!("e/:secret") view=EmailPage ssr=SsrMode::Async />
                <Route path=path!("u/:secret") view=UnsubscribePage ssr=SsrMode::Async />
                <Route path=path!("demo/messages") view=MessagesPage ssr=SsrMode::Async />
                <Route path=path!("demo/call") view=DemoCallPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

#[component]
fn NotFoundPage() -> impl IntoView {
    ui::page(async { ui::refused().ok_or(AppError::NotFound) })
}
