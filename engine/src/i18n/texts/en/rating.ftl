# Ratings.
rating-rate = Rate this visit
rating-title = How was your visit?
rating-question = What do you think of your visit to { $doctor }?
rating-score-5 = very good
rating-score-4 = good
rating-score-3 = all right
rating-score-2 = not good
rating-score-1 = bad
rating-comment = Would you like to say more?
rating-comment-hint = Your doctor can read it. Others see only the average of all ratings.
rating-send = Send the rating
rating-thanks = Thank you for your rating.
rating-yours = Your rating
rating-of-patient = What the patient thinks of the visit
rating-given = { $stars } of 5
rating-typed = What you just typed was not saved:
rating-average = { $count ->
    [one] Rated { $average } of 5, in one rating
   *[other] Rated { $average } of 5, in { $count } ratings
}

# Errors.
error-rating-exists = You have already rated this visit.
error-score-missing = Choose 1 to 5.
error-score-too-long = Choose 1 to 5.
error-score-malformed = Choose 1 to 5.
error-comment-missing = Enter a comment.
error-comment-too-long = Say it in at most 500 characters.
error-comment-malformed = Enter a comment.
