"""A mail server for tests: real SMTP with STARTTLS or TLS and a login, which keeps what it takes and says it, a line of JSON each.

Refuses for good whom an address calls `refused`, and for now whom it calls `later`, but for the first word of how often.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys
import warnings

warnings.simplefilter("ignore")

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int, default=0)
arguments.add_argument("--certificate")
arguments.add_argument("--key")
arguments.add_argument("--wrapped", action="store_true")
arguments.add_argument("--user")
arguments.add_argument("--password")
arguments = arguments.parse_args()


def say(**what):
    print(json.dumps(what), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name.startswith("refused"):
            say(refused=address)
            return "550 5.1.1 nobody here has this address"
        if name.startswith("later"):
            say(later=address)
            return "451 4.7.1 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: (letter.get_body((kind,)) or letter).get_content()
        say(
            to=envelope.rcpt_tos,
            sender=envelope.mail_from,
            headers={name.lower(): str(value) for name, value in letter.items()},
            text=part("plain"),
            html=part("html"),
            encrypted=session.ssl is not None or arguments.wrapped,
            authenticated=bool(session.authenticated),
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (
        arguments.user,
        arguments.password,
    )
    return AuthResult(success=right)


async def main():
    context = None
    if arguments.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.certificate, arguments.key)
    starttls = context if not arguments.wrapped else None
    login = arguments.user is not None

    def connection():
        return SMTP(
            Handler(),
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=authenticate if login else None,
            auth_required=login,
            auth_require_tls=login and not arguments.wrapped,
            enable_SMTPUTF8=True,
        )

    server = await asyncio.get_running_loop().create_server(
        connection, "127.0.0.1", arguments.port, ssl=context if arguments.wrapped else None
    )
    say(port=server.sockets[0].getsockname()[1])
    # Ends with whoever started it.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
