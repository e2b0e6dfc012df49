# The state of the connection.
connection-label = Connection: { $state }
connection-rtt = { NUMBER($ms) } ms
connection-offline-since = You’re offline since { $when }. Messages send in order when you’re back.
connection-messages = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
connection-next-try = Next try in { $wait }
connection-trying = Trying now
connection-state-idle = Not signed in
connection-state-connecting = Connecting
connection-state-syncing = Syncing
connection-state-syncing-queued = Syncing · { $count } to send
connection-state-held-up = Not taken · { $count } to send
connection-state-online = Online
connection-state-offline = Offline
connection-state-offline-queued = Offline · { $count } queued
connection-sentence-idle = You’re not signed in.
connection-sentence-connecting = The first connection is being made.
connection-sentence-syncing = Connected. Fetching what you missed.
connection-sentence-held-up = You’re connected, but your messages are not taken. They stay here and are tried again.
connection-sentence-sending = Your messages are on their way.
connection-sentence-online = Everything is up to date.
connection-sentence-offline = You can read and write. Messages send in order when you’re back.
connection-back = Back online
connection-back-sent = { $count ->
    [one] Back online, { $count } message sent
   *[other] Back online, { $count } messages sent
}
connection-quiet-until = Quiet until { $when }
connection-local-mode = Local mode
connection-local-mode-a-private-hall = You’re in a private hall on this computer, with people to write with. Nothing leaves it, and no real money moves.
connection-local = Local
connection-no-notices-no-sounds-change = No notices, no sounds. Change it in the settings.
connection-connection = Connection
connection-server = Server
connection-on-this-computer = On this computer
connection-since = Since
connection-synced-to = Synced to
connection-round-trip = Round trip
connection-not-measured = Not measured
connection-waiting-to-send = Waiting to send
connection-nothing = Nothing
connection-not-sent = Not sent
connection-try-now = Try now
