# FHIR.
fhir-not-acceptable = Answers are application/fhir+json. There is no other format.
fhir-not-supported = { $field } is not supported here.
fhir-too-costly = That would be too much at once. Name schedules or services, a beginning and an end, and at most 31 days; see { $field }.
fhir-in-address = { $field } names a person and does not belong into an address. Send it in the body of POST Patient/_search.
fhir-form = Send the search as application/x-www-form-urlencoded.
fhir-patch = Send the change as application/json-patch+json.
fhir-version-needed = Say by { $field } which version of the appointment you have read.
fhir-not-changed = { $field } cannot be changed like this. Change either the status or the time, and nothing else.
fhir-several = Several appointments match { $field }. Nothing was booked.
