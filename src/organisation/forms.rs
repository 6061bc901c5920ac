//! The forms of the organisation. What was typed into one that could not be done is kept in the session, but for
//! passwords.

use leptos::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    account::guard,
    idempotency::forms::of_form,
    server::{AppState, upload},
    ui::{redirect, texts},
};
use engine::{
    account::{
        Caller,
        access::{self, Account},
        invite,
        session::random_token,
    },
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Names},
    idempotency::{Key, KeyOwner},
    organisation::{
        self, Picture, Saved,
        form::Filled,
        import::{Places, Report, Table},
    },
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "organisation";

/// The name of the form of the organisation itself.
pub(super) const IDENTITY: &str = "identity";

/// The names under which a session keeps an import, and the dry run of one.
pub(super) const IMPORT: &str = "import";
pub(super) const CHECK: &str = "import_check";

/// The part of an import that a session keeps.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Imported {
    /// The lines that somebody has to look at again, without passwords.
    pub lines: String,
    pub report: Option<Report>,
}

/// Which form of which thing it is.
pub(super) fn name_of(form: &str, id: Option<i64>) -> String {
    match id {
        Some(id) => format!("{form} {id}"),
        None => format!("new {form}"),
    }
}

/// A form that was sent: which one, and how it was filled in.
pub(crate) struct Sent {
    caller: Caller,
    name: String,
    filled: Filled,
    key: String,
    /// SHA-256 of the key of the form and the password in it: another password is another request, and nobody who
    /// reads what is remembered of requests can try passwords on it without the key.
    password: Vec<u8>,
}

impl Sent {
    pub(crate) fn new(caller: Caller, form: &str, id: Option<i64>, filled: &Filled, key: String) -> Self {
        Self {
            caller,
            name: name_of(form, id),
            filled: filled.clone().without_password(),
            password: Sha256::new()
                .chain_update(&key)
                .chain_update(filled.text(Field::NewPassword.name()))
                .finalize()
                .to_vec(),
            key,
        }
    }

    pub(crate) fn key(&self) -> Result<Option<Key>, AppError> {
        of_form(
            KeyOwner::Caller(&self.caller),
            &self.key,
            None,
            "organisation",
            &self.name,
            &(&self.filled, &self.password),
        )
    }

    /// Keeps what was typed where it is still needed; otherwise leads on.
    pub(crate) async fn done(
        self,
        result: Result<Saved, AppError>,
        next: impl FnOnce(&Saved) -> String,
    ) -> Result<(), AppError> {
        let session = guard::session();
        session
            .settle_typed(FORM, self.name, self.filled, &result)
            .await?;
        result.map(|saved| redirect(&next(&saved)))
    }
}

/// The first of them; the page says them all.
pub(crate) fn first<T>(read: Result<T, Vec<AppError>>) -> Result<T, AppError> {
    read.map_err(|errors| errors.into_iter().next().unwrap_or(AppError::Internal))
}

/// Makes a service, or describes one anew.
#[server(prefix = "/form", endpoint = "put-service")]
pub async fn put_service(
    #[server(default)] id: Option<i64>,
    #[server(default)] version: i32,
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), "service", id, &filled, key);
    let attempt = async {
        let command = organisation::Put {
            caller,
            which: id.map(|id| (id, version)),
            description: first(filled.service())?,
            key: sent.key()?,
        };
        organisation::put(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    sent.done(result, |saved| format!("/admin/services?saved={}", saved.id))
        .await
}

/// Names a speciality in other languages.
#[server(prefix = "/form", endpoint = "name-speciality")]
pub async fn name_speciality(
    speciality: String,
    #[server(default)] version: i32,
    #[server(default)] name_en: String,
    #[server(default)] name_id: String,
    #[server(default)] name_de: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let request = (version, &name_en, &name_id, &name_de);
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        None,
        "name-speciality",
        &speciality,
        &request,
    )?;
    let names = Names::default()
        .with(Locale::En, name_en)
        .with(Locale::Id, name_id)
        .with(Locale::De, name_de);
    let command = organisation::NameSpeciality {
        caller,
        speciality,
        version,
        names,
        key,
    };
    organisation::name_speciality(&state.database, command, state.now()).await?;
    redirect("/admin/specialities?saved=1");
    Ok(())
}

/// Makes a clinic, or describes one anew.
#[server(prefix = "/form", endpoint = "put-clinic")]
pub async fn put_clinic(
    #[server(default)] id: Option<i64>,
    #[server(default)] version: i32,
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), "clinic", id, &filled, key);
    let attempt = async {
        let command = organisation::Put {
            caller,
            which: id.map(|id| (id, version)),
            description: first(filled.clinic())?,
            key: sent.key()?,
        };
        organisation::put(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    sent.done(result, |saved| format!("/admin/clinics?saved={}", saved.id))
        .await
}

/// Changes what people see of the organisation: its name, its phone number and its own pages.
#[server(prefix = "/form", endpoint = "put-identity")]
pub async fn put_identity(
    #[server(default)] version: i32,
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), IDENTITY, Some(1), &filled, key);
    let attempt = async {
        let command = organisation::PutIdentity {
            caller,
            version,
            identity: first(filled.identity())?,
            key: sent.key()?,
        };
        organisation::put_identity(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    sent.done(result, |_| "/admin/organisation?saved=identity".to_owned())
        .await
}

/// Gives the organisation another logo.
#[server(prefix = "/form", endpoint = "put-logo")]
pub async fn put_logo(
    #[server(default)] version: i32,
    #[server(default)] file: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let malformed = AppError::invalid(Field::Logo, FieldProblem::Malformed);
    // What was typed into the form beside it is another matter.
    guard::session().forget_typed(FORM).await?;
    let picture = Picture::read(upload::content(&file).ok_or(malformed)?).await?;
    replace_logo(caller, version, Some(picture), &key).await
}

/// Takes the logo of the organisation away.
#[server(prefix = "/form", endpoint = "remove-logo")]
pub async fn remove_logo(
    #[server(default)] version: i32,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::session().forget_typed(FORM).await?;
    replace_logo(caller, version, None, &key).await
}

async fn replace_logo(
    caller: Caller,
    version: i32,
    picture: Option<Picture>,
    key: &str,
) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let digest = picture.as_ref().map(|picture| &picture.digest);
    let command = organisation::PutLogo {
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "logo",
            "",
            &(version, digest),
        )?,
        caller,
        version,
        picture,
    };
    organisation::put_logo(&state.database, command, state.now()).await?;
    redirect("/admin/organisation?saved=logo");
    Ok(())
}

/// Makes a doctor who can be booked. Without a first password, the doctor is sent a link to choose one, where this site sends
/// links.
#[server(prefix = "/form", endpoint = "add-doctor")]
pub async fn add_doctor(
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), "doctor", None, &filled, key);
    let site = state.config.public_url().cloned();
    let invited = site.filter(|_| filled.text(Field::NewPassword.name()).is_empty());
    let attempt = async {
        let command = organisation::AddDoctor {
            caller: caller.clone(),
            doctor: first(filled.new_doctor())?,
            password: match invited {
                // One that nobody knows.
                Some(_) => random_token(),
                None => filled.new_password()?,
            },
            key: sent.key()?,
        };
        let saved = organisation::add_doctor(&state.database, command, state.now()).await?;
        if let Some(site) = &invited {
            let who = access::find_account(&state.database, Account::Doctor(saved.id)).await?;
            let staff_id = who.ids().1.ok_or(AppError::NotFound)?;
            let by = (site.clone(), texts());
            invite::invite(&state.database, &caller, staff_id, by, state.now()).await?;
        }
        Ok(saved)
    };
    let result = attempt.await;
    sent.done(result, |saved| format!("/admin/doctors/{}?saved=added", saved.id))
        .await
}

/// Describes a doctor anew, and how they sign in.
#[server(prefix = "/form", endpoint = "edit-doctor")]
pub async fn edit_doctor(
    doctor_id: i64,
    version: i32,
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), "doctor", Some(doctor_id), &filled, key);
    let attempt = async {
        let profile = first(filled.profile())?;
        let password = match filled.text(Field::NewPassword.name()) {
            "" => None,
            _ => Some(filled.new_password()?),
        };
        let command = organisation::EditDoctor {
            caller,
            doctor_id,
            version,
            profile,
            password,
            own_password: filled.own_password(),
            limits: state.config.limits,
            key: sent.key()?,
        };
        organisation::edit_doctor(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    sent.done(result, |saved| {
        format!("/admin/doctors/{}?saved=doctor", saved.id)
    })
    .await
}

/// Says what a doctor offers, and where.
#[server(prefix = "/form", endpoint = "put-offers")]
pub async fn put_offers(
    doctor_id: i64,
    version: i32,
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), "offers", Some(doctor_id), &filled, key);
    let attempt = async {
        let command = organisation::PutOffers {
            caller,
            doctor_id,
            version,
            offers: filled.offers()?,
            key: sent.key()?,
        };
        organisation::put_offers(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    sent.done(result, |saved| {
        format!("/admin/doctors/{}?saved=offers", saved.id)
    })
    .await
}

/// Makes many doctors at once, or says what would come of it.
#[server(prefix = "/form", endpoint = "import-doctors")]
pub async fn import_doctors(
    #[server(default)] lines: String,
    #[server(default)] act: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let (state, session) = (expect_context::<AppState>(), guard::session());
    let is_check = act != "import";
    let kept = if is_check { CHECK } else { IMPORT };
    let table = match Table::read(&lines) {
        Ok(table) => table,
        Err(error) => {
            // Nobody knows what of it are passwords.
            session.forget_typed(kept).await?;
            return Err(error);
        }
    };
    let attempt = async {
        let clinics = organisation::clinics(&state.database).await?;
        let services = organisation::services(&state.database).await?;
        let key = match is_check {
            true => None,
            false => of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "organisation",
                IMPORT,
                &table.without_passwords(|_| true),
            )?,
        };
        let command = organisation::ImportDoctors {
            caller,
            rows: table.rows(&Places::new(clinics, services))?,
            is_check,
            key,
        };
        organisation::import_doctors(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    let (report, error) = match result {
        Ok(report) => (Some(report), None),
        Err(error) => (None, Some(error)),
    };
    let imported = Imported {
        lines: table.without_passwords(|line| report.as_ref().is_none_or(|report| report.has_failed(line))),
        report,
    };
    session.keep_typed(kept, String::new(), imported).await?;
    match error {
        Some(error) => Err(error),
        None => {
            redirect(if is_check {
                "/admin/import?report=check"
            } else {
                "/admin/import?report=import"
            });
            Ok(())
        }
    }
}
