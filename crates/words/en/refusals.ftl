# Why something was refused, and what would help.
refusal-account_in_use = This account is open in another window already.
refusal-attachment_missing = A file of this message is no longer there. Attach it again.
refusal-bad_text = Something in it is no text. Remove it and send it again.
refusal-being_sent = The message is being sent right now.
refusal-broke_off = The connection broke off on the way. Try again.
refusal-busy = The server is busy. Try again in a moment.
refusal-disk_full = The server’s disk is full. Nothing was changed; try again later.
refusal-email_taken = There is an account with this email already. Sign in instead.
refusal-empty = There is nothing in it that can be sent.
refusal-empty_file = A file is empty. Attach one with something in it.
refusal-file_too_large = A file is larger than 10 MB. Attach a smaller one.
refusal-file_type = A file is of a kind that can’t be sent. JPEG, PNG, GIF and WebP pictures and PDF documents can.
refusal-forbidden = You may not do this.
refusal-in_progress = This is being done already.
refusal-internal = Something broke on the server. Nothing was changed; try again.
refusal-invalid = Something in it can’t be accepted.
refusal-invalid_credentials = This email and password don’t belong together. Check both and try again.
refusal-key_reused = This was sent before with other words. Look whether it is there, and write it anew.
refusal-method_not_allowed = The server doesn’t know how to do this. It may be older than this app.
refusal-no_database = The server can’t reach its database. Try again in a moment.
refusal-not_found = This is no longer there.
refusal-not_reachable = This person can’t be written to right now.
refusal-picture_unreadable = A picture is damaged and can’t be read. Save it anew and attach that.
refusal-store_full = Your files take all the room you have here. Delete messages with files you no longer need.
refusal-suspended = Your account is suspended. Ask the people who run this server.
refusal-too_large = It is larger than the server takes.
refusal-too_long = It is longer than 1,000 characters. Shorten it and send it again.
refusal-too_many = There are too many files in it. Up to ten go with one message.
refusal-too_many_logins = There were too many failed sign-ins. Wait a minute and try again.
refusal-too_many_messages = That was too fast for the server. Wait a moment and try again.
refusal-too_many_pixels = A picture has more than 67 million pixels. Make it smaller.
refusal-too_many_registrations = There were too many new accounts from where you are. Wait a few minutes and try again.
refusal-too_slow = The connection was too slow. Try again.
refusal-unauthenticated = You’re signed out. Sign in to go on.
refusal-unknown_recipient = This person has no account here.
refusal-unsent_quota = Fifty files or 100 MB of yours wait to be sent. Send those first.
refusal-unwell = A part of the server is not well. It is being started again; try again in a moment.
refusal-waiting = Messages of this conversation wait to be sent. Drop them first, or let them go out.
refusal-websocket_needed = The server expects another kind of connection here.
refusal-wrong_host = The server doesn’t answer under this address. Check it with the people who run the server.
refusal-wrong_state = It was changed meanwhile. Look at it again.

# Why a file cannot be attached.
file-empty_file = “{ $name }” is empty. Choose a file with something in it.
file-file_too_large = “{ $name }” is larger than 10 MB. Choose a smaller file.
file-file_type = “{ $name }” is of a kind that can’t be sent. JPEG, PNG, GIF and WebP pictures and PDF documents can.
file-picture_unreadable = “{ $name }” is damaged and can’t be read. Save the picture anew and attach that.
file-store_full = “{ $name }” finds no room: your files take all that you have here. Delete messages with files you no longer need.
file-too_many = “{ $name }” is one too many. Send the others first.
file-too_many_pixels = “{ $name }” has more than 67 million pixels. Make the picture smaller.
file-unsent_quota = “{ $name }” is one too many: fifty files or 100 MB of yours wait to be sent. Send those first.
file-other = “{ $name }” can’t be sent.

# What goes wrong on this computer.
refusal-here-disk-full = The disk is full. Nothing was changed; make room and try again.
refusal-here-unavailable = This can’t be done here.
refusal-here-internal = Something broke on our side. It is in the log as { $reference }.
