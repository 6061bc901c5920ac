# With any doctor.
any-doctor-title = { $service } with any doctor
any-doctor-intro = Choose a time at which one of the doctors is free. You see who it is before you book.
any-doctor-start = Any doctor will do
any-doctor-start-text = See the first free times of all doctors together.
any-doctor-link = { $service }: times with any doctor
any-clinic = Any clinic
