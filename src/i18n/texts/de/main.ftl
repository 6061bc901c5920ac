error = Error
