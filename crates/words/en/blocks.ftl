# The people whom one blocked.
blocks-title = Blocked people
blocks-lead = They can’t write to you, and to them you’re away. Nobody tells them that you blocked them.
blocks-none = You blocked nobody
blocks-none-line = You can block somebody from their conversation.
blocks-unknown = The list comes from the server. It is shown as soon as there is a connection.
blocks-unblock = Unblock
blocks-unblock-one = Unblock { $name }
