"""Other programs on the same desktop, as the app meets them.

`tray` says that tray icons are shown here, as a panel does. `copied FILE` owns the clipboard with words ("words from a
table") and a picture of them at once, as office programs do. Each says "ready" and stays until it is ended.
"""

import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GdkPixbuf, Gio, GLib, Gtk  # noqa: E402

WATCHER = "org.kde.StatusNotifierWatcher"
INTERFACE = f"""<node><interface name="{WATCHER}">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
</interface></node>"""
PROPERTIES = {
    "RegisteredStatusNotifierItems": GLib.Variant("as", []),
    "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
    "ProtocolVersion": GLib.Variant("i", 0),
}


def ready():
    print("ready", flush=True)


def tray():
    def acquired(bus, _name):
        interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        bus.register_object(
            "/StatusNotifierWatcher",
            interface,
            lambda *call: call[-1].return_value(None),
            lambda _bus, _who, _path, _interface, name: PROPERTIES[name],
            None,
        )

    Gio.bus_own_name(Gio.BusType.SESSION, WATCHER, Gio.BusNameOwnerFlags.NONE, acquired, lambda *_: ready(), None)


def copied(file):
    picture = GdkPixbuf.Pixbuf.new_from_file(file)
    # The owner of a selection answers for each kind when it is asked.
    window = Gtk.Invisible()
    window.realize()
    selection = Gdk.SELECTION_CLIPBOARD
    for info, names in enumerate((("UTF8_STRING", "STRING", "text/plain", "text/plain;charset=utf-8"), ("image/png",))):
        for name in names:
            Gtk.selection_add_target(window, selection, Gdk.atom_intern(name, False), info)

    def asked(_window, data, info, _time):
        if info == 1:
            data.set_pixbuf(picture)
        else:
            data.set_text("words from a table", -1)

    window.connect("selection-get", asked)
    assert Gtk.selection_owner_set(window, selection, Gdk.CURRENT_TIME)
    copied.window = window
    ready()


if sys.argv[1] == "tray":
    tray()
else:
    copied(sys.argv[2])
GLib.MainLoop().run()
