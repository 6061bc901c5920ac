//! What there is for each kind of resource: the `CapabilityStatement` is made of it, and searches are held to it.

/// A kind of resource.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    pub interactions: &'static [&'static str],
    pub parameters: &'static [Parameter],
    /// What `_include` may name, after the kind.
    pub includes: &'static [&'static str],
    pub operations: &'static [(&'static str, &'static str)],
}

/// A parameter of a search.
#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: &'static str,
    /// Whether it names a patient, so that it may stand in the body of a request alone.
    pub is_of_person: bool,
}

const fn parameter(name: &'static str, kind: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        is_of_person: false,
    }
}

const fn of_person(name: &'static str) -> Parameter {
    Parameter {
        name,
        kind: "string",
        is_of_person: true,
    }
}

/// What every search understands beside its own parameters.
pub const COMMON: [&str; 5] = ["_count", "_cursor", "_include", "_format", "_pretty"];

const ID: Parameter = parameter("_id", "token");
const READ: &[&str] = &["read", "search-type"];

pub const LOCATION: Kind = Kind {
    name: "Location",
    interactions: READ,
    parameters: &[ID, parameter("name", "string"), parameter("identifier", "token")],
    includes: &[],
    operations: &[],
};

pub const PRACTITIONER: Kind = Kind {
    name: "Practitioner",
    interactions: READ,
    parameters: &[
        ID,
        parameter("name", "string"),
        parameter("communication", "token"),
    ],
    includes: &[],
    operations: &[],
};

pub const ROLE: Kind = Kind {
    name: "PractitionerRole",
    interactions: READ,
    parameters: &[
        ID,
        parameter("practitioner", "reference"),
        parameter("location", "reference"),
        parameter("service", "reference"),
        parameter("specialty", "token"),
    ],
    includes: &["practitioner", "location", "service"],
    operations: &[],
};

pub const SERVICE: Kind = Kind {
    name: "HealthcareService",
    interactions: READ,
    parameters: &[
        ID,
        parameter("name", "string"),
        parameter("location", "reference"),
        parameter("service-type", "token"),
    ],
    includes: &["location"],
    operations: &[],
};

pub const SCHEDULE: Kind = Kind {
    name: "Schedule",
    interactions: READ,
    parameters: &[
        ID,
        parameter("actor", "reference"),
        parameter("service-type", "token"),
        parameter("specialty", "token"),
    ],
    includes: &["actor"],
    operations: &[],
};

pub const SLOT: Kind = Kind {
    name: "Slot",
    interactions: READ,
    parameters: &[
        parameter("schedule", "reference"),
        parameter("service-type", "token"),
        parameter("start", "date"),
        parameter("status", "token"),
    ],
    includes: &["schedule"],
    operations: &[],
};

pub const APPOINTMENT: Kind = Kind {
    name: "Appointment",
    interactions: &["read", "search-type", "create", "update", "patch"],
    parameters: &[
        ID,
        parameter("identifier", "token"),
        parameter("patient", "reference"),
        parameter("practitioner", "reference"),
        parameter("location", "reference"),
        parameter("date", "date"),
        parameter("status", "token"),
        parameter("service-type", "token"),
        parameter("specialty", "token"),
    ],
    includes: &["patient", "practitioner", "location"],
    operations: &[
        (
            "find",
            "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-find",
        ),
        (
            "hold",
            "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-hold",
        ),
        (
            "book",
            "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-book",
        ),
    ],
};

/// `$find`, by address: its inputs are parameters like those of a search.
pub const FIND: Kind = Kind {
    name: "Appointment/$find",
    interactions: &[],
    parameters: &[
        parameter("start", "date"),
        parameter("end", "date"),
        parameter("practitioner", "reference"),
        parameter("location-reference", "reference"),
        parameter("specialty", "token"),
        parameter("visit-type", "token"),
        parameter("patient-reference", "reference"),
        parameter("reason", "token"),
        parameter("timing", "special"),
    ],
    includes: &[],
    operations: &[],
};

pub const PATIENT: Kind = Kind {
    name: "Patient",
    interactions: READ,
    parameters: &[ID, of_person("name"), of_person("phone")],
    includes: &[],
    operations: &[],
};

/// Every kind that there is.
pub const ALL: [&Kind; 8] = [
    &LOCATION,
    &PRACTITIONER,
    &ROLE,
    &SERVICE,
    &SCHEDULE,
    &SLOT,
    &APPOINTMENT,
    &PATIENT,
];
