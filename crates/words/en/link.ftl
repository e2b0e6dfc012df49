# Why a server cannot be used, at the moment of looking at it.
unreachable-busy = The server is busy. Try again in a moment.
unreachable-dns = There is no server with this name. Check the address.
unreachable-garbled = The server’s answer can’t be read. It may be newer than this app.
unreachable-refused = The server is not answering at this address.
unreachable-timeout = The server takes too long to answer.
unreachable-silent = The server went silent.
unreachable-tls = The connection is not safe: the server’s certificate is not valid.
unreachable-closed = The server closed the connection.
unreachable-server_restart = The server is restarting. Try again in a moment.
unreachable-unfit = The server doesn’t take this connection for now.
unreachable-intercepted = Something between you and the server answered in its place: a sign-in page of the network, or a proxy.
unreachable-keychain_locked = Your keychain is locked. Unlock it and try again.
unreachable-keychain_unavailable = The system’s keychain doesn’t answer.
unreachable-local_server = The server inside this app doesn’t run. It is started again; everything here can be read meanwhile.
unreachable-not_an_address = This is no address of a server. Type one such as hall.example.
unreachable-not_guildhall = What answers there is no Guildhall server. Check the address, or sign in to the network first.
unreachable-other = The server can’t be reached.

# Why the connection is not there, or not as it should be.
link-busy = The server is busy.
link-refused = The server is not answering.
link-timeout = The server takes too long to answer.
link-silent = The server went silent, so the connection was given up.
link-closed = The server closed the connection.
link-dns = The server’s name can’t be found. Your network may be off.
link-garbled = The server’s answers can’t be read. It may be newer than this app.
link-tls = The server’s certificate is not valid.
link-server_restart = The server is restarting.
link-unfit = The server doesn’t take this connection for now. It is tried again every minute.
link-intercepted = Something between you and the server answers in its place: a sign-in page of the network, or a proxy.
link-keychain_locked = Your keychain is locked, so the app can’t prove who you are. Unlock it; everything here can be read meanwhile.
link-keychain_unavailable = The system’s keychain doesn’t answer, so the app can’t prove who you are. It is asked again; everything here can be read meanwhile.
link-local_server = The server inside this app doesn’t run. It is started again; everything here can be read meanwhile.
link-not_an_address = The address of the server is none.
link-not_guildhall = There is a server, but it is not a Guildhall server.
link-other = The connection was lost.
