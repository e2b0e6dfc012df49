# What an administrator says to everybody who is signed in.
announcements-from = From the administrators:
announcements-hide = Hide
announcements-until = Until { $when }
