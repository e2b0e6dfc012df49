// A mail server of one's own: the real one of the contract tests, in a process of its own on loopback.
import { spawn } from 'node:child_process'
import path from 'node:path'
import readline from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { pythonWith } from '../../scripts/python.mjs'

/** Starts one without encryption. `flags` are what a server of ours is told to reach it. */
export async function startMail() {
  const python = pythonWith('aiosmtpd==1.4.6')
  const child = spawn(python, [path.join(import.meta.dirname, 'smtp.py')], { stdio: ['pipe', 'pipe', 'ignore'] })
  const said = []
  const lines = readline.createInterface({ input: child.stdout })
  const port = await new Promise((done) => lines.once('line', (line) => done(JSON.parse(line).port)))
  lines.on('line', (line) => said.push(JSON.parse(line)))
  const to = (address) => said.filter((letter) => letter.to?.[0] === address)
  return {
    flags: [
      '--mail-host',
      'localhost',
      '--mail-port',
      String(port),
      '--mail-encryption',
      'none',
      '--mail-from',
      'hall@hall.test',
    ],
    letters: to,
    /** The letter number `count` to an address, from 1, once it is there. */
    async letter(address, count = 1) {
      for (let tries = 0; tries < 200; tries++) {
        if (to(address).length >= count) return to(address)[count - 1]
        await sleep(100)
      }
      throw new Error(`no letter ${count} to ${address}: ${JSON.stringify(said)}`)
    },
    stop: () => child.kill(),
  }
}

/** The six digits in a letter. */
export function codeIn(letter) {
  const code = letter.text.match(/^ {4}(\d{3}) (\d{3})\r?$/m)
  if (!code) throw new Error(`no code in ${letter.text}`)
  return code[1] + code[2]
}
