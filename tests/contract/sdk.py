# The Python SDK for application servers against the real server: what it is asked to do here, it does as it was published.
import json
import sys

import pusher

host, port, socket_id = sys.argv[1], int(sys.argv[2]), sys.argv[3]
client = pusher.Pusher(app_id="42", key="shop-key", secret="shop-secret", host=host, port=port, ssl=False)

client.trigger(["private-python", "presence-python"], "from-python", {"naira": "\u20a6"})
client.trigger_batch(
    [
        {"channel": "private-python", "name": "from-python", "data": {"batch": 1}},
        {"channel": "presence-python", "name": "from-python", "data": {"batch": 2}},
    ]
)
try:
    client.trigger("private-python", "x" * 201, {})
    refused = "it was taken"
except Exception as error:  # Whatever class the SDK has for it, its words are what is looked at.
    refused = str(error)

print(
    json.dumps(
        {
            "channels": client.channels_info("presence-", ["user_count"])["channels"],
            "channel": client.channel_info("private-python", ["subscription_count"]),
            "users": client.users_info("presence-python")["users"],
            "auth": client.authenticate(channel="private-signed-by-python", socket_id=socket_id),
            "refused": refused,
        }
    )
)
