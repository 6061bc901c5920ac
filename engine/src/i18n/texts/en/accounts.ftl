# Links in mails, and passwords chosen by them.
mail-invitation-subject = Your account at the clinic
mail-invitation-body =
    Hello { $name },

    an account was made for you at the clinic. Choose a password for it here, once, within { $days } days:

    { $link }

    If you did not expect this, you need do nothing.
mail-password-subject = Choose a new password
mail-password-body =
    Hello { $name },

    somebody asked for a new password for your account at the clinic. If it was you, choose one here, once, within { $minutes } minutes:

    { $link }

    If it was not you, you need do nothing: your password stays as it is.
mail-password-changed-subject = Your password was changed
mail-password-changed-body =
    Hello { $name },

    the password of your account at the clinic was changed, and you were signed out everywhere else. If it was not you, tell an admin of your clinic now.
forgotten-title = Forgotten your password?
forgotten-intro = We send you a link by which you choose a new one.
forgotten-send = Send the link
forgotten-sent = Look into your mail
forgotten-sent-text = If somebody of staff has this address, a link is on its way. It is good for half an hour.
forgotten-no-links = This site sends no links. Ask an admin of your clinic for a new password.
link-invitation-title = Choose your password
link-invitation-intro = Welcome, { $name }. You will sign in as { $email }.
link-password-title = Choose a new password
link-password-intro = For the account { $email }. You are signed out everywhere else by it.
link-choose = Use this password
link-chosen = Your password is set. Sign in with it.
link-spent-title = This link is not good any more
link-spent-text = A link works once, for some time, and only the newest one. Nothing was changed.
new-password-label = New password
new-password-hint = At least 12 characters. Three or four words that only you would put together are best.

# One's own account.
account-title = Your account
account-intro = What you sign in with, and where you are signed in.
account-password = Password
account-password-text = A new password signs you out everywhere else, and ends the tokens of your programs.
account-old-password = Your password as it is now
account-password-change = Change the password
account-password-done = Your password was changed. You are signed out everywhere else.
account-sessions = Where you are signed in
account-sessions-text = If you do not know one of these, end it. Tokens of programs have a page of their own:
account-some-browser = A browser or program
account-since = since { $when }
account-used = last used { $when }
account-this-browser = This browser
account-end = Sign out there
account-end-others = Sign out everywhere else
account-end-others-hint = Also where programs have signed in with your account. Tokens with a name stay.
account-session-done = You are signed out there.
account-sessions-done = You are signed out everywhere else.

# The accounts of staff.
staff-title = Staff
staff-intro = Who signs in here. Whether patients can book a doctor is on the doctor’s page.
staff-admin = Admin
staff-doctor = Doctor
staff-reception = Reception
staff-role = Role
staff-admin-text = The desk, and everything that runs the clinics.
staff-reception-text = The desk of the chosen clinics: appointments and patients, and nothing of what runs the clinics.
staff-clinics = Clinics
staff-clinics-all = All clinics
staff-clinics-hint = Reception sees the chosen clinics only. An admin of whom none is chosen sees all of them.
staff-clinics-hint-reception = At least one.
staff-clinics-change = Change the clinics
staff-clinics-save = Save the clinics
staff-clinics-changed = The clinics were changed.
staff-active = Can sign in
staff-inactive = Cannot sign in
staff-waits = Invited
staff-link-until = The invitation can be followed until { $day }.
staff-as-doctor = As patients see them
staff-send-link = Send a link to choose a password
staff-close = Close the account
staff-open = Open the account
staff-make-admin = Make an admin
staff-make-doctor = Make a doctor again
staff-make-reception = Make reception
staff-invite = Invite somebody to the desk
staff-invite-text = They get a link by e-mail and choose their own password. A doctor is added on a page of their own first.
staff-invite-send = Send the invitation
staff-invited = The link is on its way.
staff-opened = The account is open.
staff-closed = The account is closed, and signed out everywhere.
staff-role-changed = The role was changed. Whoever it is signs in anew.
staff-no-links = Invitations cannot be sent
staff-no-links-text = Nobody has said at which address this site is, so there are no links in mails. Set JANJI_PUBLIC_URL, such as https://clinic.example, and start Janji again.

# The second factor of staff.
error-step-up-required = Before this, show once more that it is you.
error-factor-required = Your clinic asks for a second factor. Set one up on the page of staff sign-in first.
confirm-self-link = Show that it is you
confirm-self-title = Is it you?
confirm-self-intro = What you want to do opens doors, so we ask again. You will not be asked for the next ten minutes.
confirm-self-code = Or a code of your app
factor-title = Enter your code
factor-intro = Your password is right. Now open the app on your phone that shows your codes.
factor-code = Code
factor-code-hint = Six digits from your app, or one of your recovery codes.
factor-lost = Lost your phone and your recovery codes? Another admin of your clinic can take the second factor off your account.
factor-other-account = Another account
factors-title = Second factor
factors-intro = Besides your password, something that only you have: whoever learns your password cannot sign in with it alone.
factors-open = Set up and change
factors-off = Your clinic does not use second factors.
factors-required = Your clinic asks for one: the last one cannot be removed.
factors-app = Codes of an app
factors-app-text = An app on your phone shows a new code every thirty seconds, also without a network.
factors-app-add = Set up an app
factors-app-there = An app is set up.
factors-app-remove = Remove the app
factors-app-done = Your app is set up. You are asked for a code when you sign in.
factors-removed = It was removed.
factors-codes = Recovery codes
factors-codes-text = For when your phone is lost. Each of them works once.
factors-codes-left = { $count ->
    [0] You have none.
    [one] You have one left.
   *[other] You have { $count } left.
}
factors-codes-none = You have no recovery codes yet: make some now, so that a lost phone does not lock you out.
factors-codes-renew = Make ten new codes
app-title = Set up your app
app-intro = Open an app for codes on your phone, such as the one that your phone came with, and let it read this picture.
app-intro-required = Your clinic asks for a second factor. Open an app for codes on your phone and let it read this picture; then you are let in.
app-picture = A picture for your app
app-secret = If it cannot read the picture, type this
app-code = The code that your app shows now
app-finish = Done
codes-title = Your recovery codes
codes-intro = Write them down or print them, and keep them where your phone is not. They are shown this once. The old ones no longer work.
codes-kept = I have written them down
staff-has-factor = Second factor
staff-reset-factors = Take the second factor off
staff-factors-reset = The second factor was taken off, and the account was signed out everywhere.

# Passkeys.
error-passkey_name-missing = Give the passkey a name.
error-passkey_name-too-long = Choose a shorter name, of at most 60 characters.
error-passkey_name-taken = This passkey is there already.
error-passkey_name-too-many = You have as many passkeys as you can have. Remove one first.
factors-passkeys = Passkeys
factors-passkeys-text = A key in your phone, your computer or a stick, which you open with your finger, your face or a PIN. It works in browsers with JavaScript.
factors-passkey-done = Your passkey was added.
passkey-add = Add a passkey
passkey-name = What is it called?
passkey-name-hint = Such as “My phone”, so that you find it again.
passkey-made = added { $day }
passkey-remove = Remove
passkey-use = Use a passkey
passkey-failed = That did not work. Try again, or use a code.
passkey-no-address = Passkeys need an address with a name, such as https://clinic.example, which the clinic has to set (JANJI_PUBLIC_URL).

# A new phone number.

sms-phone-changed = The phone number of your account at the clinic was changed, and this one is no longer used. If it was not you, call the clinic now.
new-phone-title = A new phone number
new-phone-text = We send a code to the new number, and a word to the old one. You are signed out everywhere else.
new-phone-label = New phone number
new-phone-done = Your new phone number is in use.
doctor-password-invited = Leave it empty, and the doctor gets a link by e-mail to choose one.
