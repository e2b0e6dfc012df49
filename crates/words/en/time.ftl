# Moments, lengths of time, sizes.
time-today = Today
time-yesterday = Yesterday
time-yesterday-at = yesterday, { $time }
time-day-at = { $day }, { $time }
time-offline-since = Offline since { $when }
time-offline-span = Offline { $from } to { $to }
time-offline-span-day = Offline { $day }, { $from } to { $to }
time-written-sent = written { $written }, sent { $sent }
time-written-sent-next-day = written { $written }, sent next day
time-written-sent-later = written { $written }, sent { NUMBER($days) } days later
time-written-their-clock = written { $written } by their clock, sent { $sent }
time-seconds = { NUMBER($seconds) } s
time-minutes = { NUMBER($minutes) } m
time-hours = { NUMBER($hours) } h
time-hours-minutes = { NUMBER($hours) } h { NUMBER($minutes) } m
time-days = { NUMBER($days) } d
time-days-hours = { NUMBER($days) } d { NUMBER($hours) } h
# Decimal units, as file managers show them.
size-bytes = { NUMBER($n) } B
size-kilobytes = { NUMBER($n) } kB
size-megabytes = { NUMBER($n) } MB
size-gigabytes = { NUMBER($n) } GB
size-terabytes = { NUMBER($n) } TB
