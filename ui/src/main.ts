import { findHost } from './host'
import { start } from './start'

start(await findHost())
