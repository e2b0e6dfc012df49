# Signing in, the account, other windows and devices.
accounts-still-signed-in = { $name } is still signed in
accounts-away = { $how }, { NUMBER($ms) } ms away
accounts-client = Client
accounts-checked = { $craft } · identity checked
accounts-this-signed-in = { $name } · signed in { $when }
accounts-last-used = Last used { $when }
accounts-sign-out-device = Sign out { $name }?
accounts-sign-out-device-label = Sign out { $name }
accounts-person-and-craft = { $name }, { $craft }
accounts-you = You: { $name }
accounts-window-ready = A window for { $name } is ready
accounts-reachable = Reachable, { NUMBER($ms) } ms
accounts-ms = { NUMBER($ms) } ms
accounts-server-at = { $name } at { $address }
accounts-kept = { $count ->
    [one] { $count } message waits to be sent. Sign in with that account and it goes out.
   *[other] { $count } messages wait to be sent. Sign in with that account and they go out.
}
accounts-kept-from = { $count ->
    [one] { $count } message waits to be sent from { $email }. Sign in with that account and it goes out.
   *[other] { $count } messages wait to be sent from { $email }. Sign in with that account and they go out.
}
accounts-sign-out-waiting = { $count ->
    [one] { $count } message still waits to be sent. It stays here and goes out when you sign in again.
   *[other] { $count } messages still wait to be sent. They stay here and go out when you sign in again.
}
accounts-address-example = hall.example
accounts-email-example = you@example.org
accounts-a-guildhall-server = A Guildhall server
accounts-account = Account
accounts-who-you-are-here-and = Who you are here, and where you’re signed in.
accounts-sign-in = Sign-in
accounts-email = Email
accounts-your-sign-in-key = Your sign-in key
accounts-kept-in-the-systems-keychain = Kept in the system’s keychain. You stay signed in after a restart.
accounts-kept-in-memory-only-because = Kept in memory only, because the system has no keychain or it is locked. You sign in again after a restart.
accounts-sign-out-here = Sign out here
accounts-waiting-messages-stay-on-this = Waiting messages stay on this computer until you sign in again.
accounts-sign-out = Sign out
accounts-where-youre-signed-in = Where you’re signed in
accounts-the-list-comes-from-the = The list comes from the server and can’t be shown right now.
accounts-this-computer = This computer
accounts-current = Current
accounts-server = Server
accounts-local-mode = Local mode
accounts-whoever-uses-it-must-sign = Whoever uses it must sign in again.
accounts-runs-inside-this-app = Runs inside this app
accounts-connected-without-tls = Connected without TLS
accounts-connected-over-tls = Connected over TLS
accounts-not-connected = Not connected
accounts-try-it-locally = Try it locally
accounts-a-private-hall-on-this = A private hall on this computer, with people to write with. No account, no real money.
accounts-starting = Starting
accounts-start = Start
accounts-you-are = You are
accounts-who-you-are = Who you are
accounts-open-another-window-as = Open another window as
accounts-each-window-is-somebody-else = Each window is somebody else, so that you can see both sides.
accounts-open-another-window-as-2 = Open another window as…
accounts-the-list-of-people-could = The list of people could not be loaded
accounts-the-window-was-not-opened = The window was not opened
accounts-looking = Looking
accounts-not-reachable = Not reachable
accounts-another-server = Another server
accounts-address-of-the-server = Address of the server
accounts-check = Check
accounts-looking-2 = Looking…
accounts-create-an-account = Create an account
accounts-sign-in-2 = Sign in
accounts-sign-in-instead = Sign in instead
accounts-you-were-signed-out-from = You were signed out, from here or from another device. Sign in again to go on.
accounts-the-systems-keychain-didnt-give = The system’s keychain didn’t give back your sign-in. Sign in again to go on.
accounts-name = Name
accounts-password = Password
accounts-at-least-10-characters = At least 10 characters
accounts-hide-password = Hide password
accounts-show-password = Show password
accounts-creating-your-account = Creating your account
accounts-create-account = Create account
accounts-signing-in = Signing in
accounts-or = or
accounts-choose-a-server-or-type = Choose a server, or type its address.
accounts-type-your-name-as-people = Type your name, as people shall see it.
accounts-type-your-email-address = Type your email address.
accounts-type-your-password = Type your password.
accounts-sign-out-of-this-computer = Sign out of this computer?
accounts-your-messages-stay-on-the = Your messages stay on the server. Sign in again at any time.
accounts-your-page = Your page
accounts-what-brings-you = What brings you here?
accounts-i-hire = I hire or bid
accounts-i-work = I do the work
accounts-trade = Your trade
accounts-trade-hint = Such as Joiner. You can change it on your page at any time.
accounts-type-your-trade = Type what you do, such as Joiner.
