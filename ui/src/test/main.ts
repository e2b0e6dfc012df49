import { start } from '../start'
import { afternoon } from './scene'

const host = afternoon()
const query = new URLSearchParams(location.search)
if (query.has('in')) host.signIn()
const theme = query.get('theme')
if (theme === 'dark' || theme === 'light') host.settings.theme = theme
const size = query.get('text')
if (size) host.settings.text_percent = Number(size)
if (query.has('offline'))
  host.connection = { ...host.connection, state: 'offline', retry_at: Date.now() + 12_000, reason: 'refused' }
if (query.has('frame')) host.window = { minimize: async () => {}, toggleMaximize: async () => {}, close: async () => {} }
Object.assign(window, { scripted: host })
start(host)
