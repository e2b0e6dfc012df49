# What the core of the app refuses by itself, without asking a server.
core-account_in_use = This account is already open in another window.
core-waiting = Messages of this conversation wait to be sent. Drop them first, or let them go out.
core-draft-too-long = The text is longer than can be kept.
core-address = The address must look like hall.example.com or https://hall.example.com.
core-being-sent = The message is being sent.
core-to-oneself = One cannot write to oneself.
core-text-size = The size of text is 100, 110, 125 or 150 percent.
core-time-of-day = A time of day has less than 1,440 minutes.
