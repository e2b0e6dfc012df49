# What somebody reads who is kept out.
suspended-title = This account is suspended.
suspended-since = Since { $when }
suspended-answered = You answered:
suspended-answer = Your answer
suspended-answer-once = You can answer once. An administrator reads it.
suspended-answer-send = Answer
