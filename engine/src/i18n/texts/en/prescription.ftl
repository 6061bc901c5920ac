# Prescriptions.
prescription = Prescription
prescription-write = Write a prescription
prescription-view = See the prescription
prescription-do-write = Write the prescription
prescription-done = The prescription is written. The patient can see it.
prescription-not-yet = A prescription can be written as soon as the visit has started.
prescription-written = It was written on { $when }.
prescription-only-one = Each appointment has only one, and what you typed is not part of it.
prescription-typed = What you typed
prescription-more-rows = More rows
prescription-note = Note for the patient
prescription-note-hint = Shown below the medications.
prescription-date = Written
prescription-signature = Signature
prescription-print = To print this page, use the print function of your browser.
prescription-do-check = Check the prescription
prescription-check = Check and sign
prescription-check-text = This is what the prescription will say. Compare it with what you meant, then sign it.
prescription-change = Change it
prescription-void = Void
prescription-withdrawn = This prescription was withdrawn on { $when } and is void. The reason:
prescription-void-view = See the prescriptions that were withdrawn
prescription-withdraw = Withdraw this prescription
prescription-withdraw-text = A prescription is never altered. Withdraw it if it is wrong, and write it anew: both are kept, and the old one is printed as void.
prescription-withdraw-reason = Reason
prescription-withdraw-hint = The patient can read it.
prescription-do-withdraw = Withdraw it
prescription-withdrawn-done = The prescription is withdrawn.
prescription-write-anew = You can write it anew below. It begins with what the old one said.
medications = Medications
medications-hint = For example: Amoxicillin, 500 mg, three times a day, 7 days. Rows that you leave empty do not count.
medication-number = Medication { $number }
medication-name = Medication
medication-dose = Dose
medication-frequency = How often
medication-duration = For how long
medication-note = Note

# What a doctor knows of a patient.
patient-history = This patient’s visits with you
patient-visits = { $count ->
    [one] One appointment with you
   *[other] { $count } appointments with you
}

# Errors.
error-prescription-exists = An appointment has only one prescription. What you typed was not saved.
error-prescription-withdrawn = This prescription is void already: it was withdrawn.
error-medications-missing = Enter at least one medication.
error-medications-too-long = Enter at most 20 medications.
error-medications-malformed = Enter at least one medication.
error-medication_name-missing = Enter the name of the medication.
error-medication_name-too-long = Enter a shorter name, of at most 120 characters.
error-medication_name-malformed = Enter the name of the medication.
error-dose-missing = Enter the dose.
error-dose-too-long = Say the dose in at most 80 characters.
error-dose-malformed = Enter the dose.
error-frequency-missing = Enter how often it is to be taken.
error-frequency-too-long = Say how often in at most 80 characters.
error-frequency-malformed = Enter how often it is to be taken.
error-duration-missing = Enter for how long it is to be taken.
error-duration-too-long = Say for how long in at most 80 characters.
error-duration-malformed = Enter for how long it is to be taken.
error-medication_note-missing = Enter a note.
error-medication_note-too-long = Enter a shorter note, of at most 500 characters.
error-medication_note-malformed = Enter a note.
error-note-missing = Enter a note.
error-note-too-long = Enter a shorter note, of at most 500 characters.
error-note-malformed = Enter a note.

# Templates, and what was prescribed last.
prescription-quick = Without typing it again
prescription-quick-hint = Adds medications to the rows above. What you typed stays.
prescription-repeat = Repeat what I prescribed last
prescription-added = The medications are in the rows below.
prescription-added-text = Nothing is written yet. Check each of them for this patient.
templates-title = My templates
templates-intro = Prescriptions that you write often. A change of a template changes no prescription.
templates-empty-title = No templates yet
templates-empty-text = Make one here, or from a prescription that you wrote.
template-new = New template
template-use = Use the template
template-name = Name of the template
template-name-hint = For example: Sinusitis, adults. Only you see it.
template-save = Save the template
template-saved = The template is saved.
template-delete = Delete
template-from-prescription = Make a template of it
error-template_name-missing = Enter a name for the template.
error-template_name-too-long = Enter a shorter name, of at most 120 characters.
error-template_name-taken = You have another template with this name.
error-template_name-too-many = You have 100 templates. Delete one that you do not need.
